import { mkdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { copyRows } from '@groundcrew/persistence/without-orm';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** Whose tables they are, and which rows of them belong to the devices `w` of a chunk `c`. */
interface LeftBehind {
  table: string;
  owner: 'groundcrew_owner' | 'groundcrew_neighbours';
  rows: string;
}

const devices = 'cross join lateral unnest(c.device_ids) with ordinality as w (id, place)';

/** Every row that a run leaves behind for its devices, in the order in which foreign keys want them. */
export const leftBehind: readonly LeftBehind[] = [
  ofDevice('registry.device', 't.tenant_id = c.tenant_id and t.id = w.id'),
  ofDevice('registry.device_hash', 't.tenant_id = c.tenant_id and t.device_id = w.id'),
  ofDevice('registry.device_snapshot', 't.device_id = w.id'),
  ofDevice('registry.candidate_key', 't.device_id = w.id'),
  ofDevice('registry.identity_claim', 't.device_id = w.id'),
  ofDevice('registry.device_directory_object', 't.tenant_id = c.tenant_id and t.device_id = w.id'),
  {
    table: 'registry.run_item',
    owner: 'groundcrew_owner',
    rows: 'select t.* from c join registry.run_item t on t.run_id = c.run_id and t.line between c.first_line and c.first_line + c.line_count - 1',
  },
  {
    table: 'registry.run_chunk',
    owner: 'groundcrew_owner',
    rows: 'select t.* from c join registry.run_chunk t using (run_id, number)',
  },
  {
    table: 'registry.run_step',
    owner: 'groundcrew_owner',
    rows: 'select t.* from c join registry.run_step t on t.run_id = c.run_id and t.chunk = c.number',
  },
  ofDevice('directory.device_object', 't.registration_id = w.id', 'groundcrew_neighbours'),
];

function ofDevice(table: string, condition: string, owner: LeftBehind['owner'] = 'groundcrew_owner'): LeftBehind {
  return { table, owner, rows: `select t.* from c ${devices} join ${table} t on ${condition} order by w.place` };
}

/** The rows of one run, lying in files as COPY reads them. */
export interface Captured {
  runId: string;
  folder: string;
  chunks: number;
}

/** Reads what a run left behind, chunk by chunk. */
export async function capture(admin: pg.Pool, runId: string, folder: string): Promise<Captured> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const client = await admin.connect();
  try {
    const { rows } = await client.query<{ chunk_count: number }>('select chunk_count from registry.run where id = $1', [
      runId,
    ]);
    const chunks = rows[0]!.chunk_count;
    const columns = await writtenColumns(client, 'registry.run');
    await writeFile(
      join(folder, 'run'),
      await read(client, `select ${columns} from registry.run where id = '${runId}'`),
    );
    for (let chunk = 1; chunk <= chunks; chunk += 1) {
      for (const { table, rows: wanted } of leftBehind) {
        const statement = `with c as materialized (select * from registry.run_chunk where run_id = '${runId}' and number = ${chunk}) ${wanted}`;
        await writeFile(join(folder, `${chunk}-${table}`), await read(client, statement));
      }
    }
    return { runId, folder, chunks };
  } finally {
    client.release();
  }
}

/** What COPY takes: every column but those that PostgreSQL computes itself. */
async function writtenColumns(client: pg.PoolClient, table: string): Promise<string> {
  const { rows } = await client.query<{ columns: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  return rows[0]!.columns;
}

async function read(client: pg.PoolClient, statement: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of client.query(copyTo(`copy (${statement}) to stdout (format binary)`)))
    pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/**
 * Copies the captured rows into the tables of the other database, as their owners and past all policies, one transaction a
 * chunk, over so many connections: the least that anybody does who wants these rows to be there.
 *
 * @returns milliseconds
 */
export async function bareCopy(pool: pg.Pool, captured: Captured, connections: number): Promise<number> {
  const lanes = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  try {
    // The run itself comes first: chunks and steps refer to it.
    const run = await readFile(join(captured.folder, 'run'));
    await lanes[0]!.query(`set session_replication_role = replica`);
    await copyRows(lanes[0]!, 'registry.run', run);
    await lanes[0]!.query(`reset session_replication_role`);
    const startedAt = performance.now();
    let next = 1;
    await Promise.all(
      lanes.map(async (client) => {
        while (next <= captured.chunks) await copyChunk(client, captured, next++);
      }),
    );
    return performance.now() - startedAt;
  } finally {
    for (const client of lanes) client.release();
  }
}

async function copyChunk(client: pg.PoolClient, { folder }: Captured, chunk: number): Promise<void> {
  await client.query('begin');
  let role = '';
  for (const { table, owner } of leftBehind) {
    if (owner !== role) await client.query(`set local role ${owner}`);
    role = owner;
    await copyRows(client, table, await readFile(join(folder, `${chunk}-${table}`)));
  }
  await client.query('commit');
}

/** COPY is refused on a table whose policies bind its owner, too. Done in the other database alone. */
export async function freeOwnersOfPolicies(admin: pg.Pool): Promise<void> {
  for (const { table } of leftBehind.filter((each) => each.owner === 'groundcrew_owner'))
    await admin.query(`alter table ${table} no force row level security`);
}

/** Empties the tables, so that the next round begins as the first one did. */
export async function forgetDevices(admin: pg.Pool): Promise<void> {
  const keyed = leftBehind.map(({ table }) => table).filter((table) => !/run_(chunk|step)$/.test(table));
  // Others' tables may refer to these; what they say is about devices that are gone.
  await admin.query(`truncate ${keyed.join(', ')}, directory.request cascade`);
}
