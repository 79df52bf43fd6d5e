import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Runs the work in one transaction that may touch the rows of one tenant only. */
export async function inTenant<Result>(
  pool: pg.Pool,
  tenantId: string,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query({
      name: 'scope_tenant',
      text: "select set_config('groundcrew.tenant_id', $1, true)",
      values: [tenantId],
    });
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Copies finished binary rows into a table that has no row-level security. @param target table and columns */
export async function copyRows(client: pg.PoolClient, target: string, rows: Buffer): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target} from stdin (format binary)`));
  await pipeline(Readable.from([rows], { objectMode: false }), stream);
}
