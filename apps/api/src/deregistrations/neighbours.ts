import {
  createBuiltInDirectory,
  createBuiltInManagement,
  openPool,
  type DirectoryPort,
  type ManagementPort,
} from '@groundcrew/subsystems';
import type pg from 'pg';
import type { Configuration } from '../configuration.js';

/** The neighbours as a plan reads them: before anything is asked of anybody, it says what there is. */
export class Neighbours {
  readonly directory: Pick<DirectoryPort, 'read'>;
  readonly management: Pick<ManagementPort, 'read' | 'readAssignedUsers' | 'readComputers'>;
  readonly #pool: pg.Pool;

  constructor(configuration: Configuration, warn: (message: string) => void) {
    this.#pool = openPool(
      {
        connectionString: configuration.database.neighboursUrl,
        max: 4,
        connectionTimeoutMillis: configuration.database.connectTimeoutMilliseconds,
        statement_timeout: configuration.database.statementTimeoutMilliseconds,
      },
      (error) => warn(error.message),
    );
    this.directory = createBuiltInDirectory(this.#pool);
    this.management = createBuiltInManagement(this.#pool, { syncIntervalMs: 0 });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.end();
  }
}
