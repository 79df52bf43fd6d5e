import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { cloneDatabase } from './database.js';
import { openRegistry, type Registry } from './registry.js';

/**
 * A database of its own for the suite, with a pool of one role; both go after its last test.
 *
 * @param take is told before the first test
 */
export function registrySuite(
  role: 'worker' | 'relay',
  connections: number,
  take: (opened: { registry: Registry; pool: pg.Pool }) => void,
): void {
  let close = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const database = await cloneDatabase();
    const registry = openRegistry(database.adminUrl);
    const pool = new pg.Pool({ connectionString: database.urls[role], max: connections });
    close = async () => {
      await pool.end();
      await registry.close();
      await database.drop();
    };
    take({ registry, pool });
  });
  afterAll(() => close());
}
