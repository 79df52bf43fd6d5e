import type pg from 'pg';

import { leftBehind } from './left-behind.js';

/** Columns that are not the model's own in a copy. `b` names the copied device, `t` is the model's row. */
const ownInEachCopy: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'registry.device': { id: 'b.id', serial_number: `t.serial_number || '-' || b.copy`, source_run_id: 'b.run_id' },
  'registry.device_hash': { device_id: 'b.id' },
  'registry.device_snapshot': { device_id: 'b.id' },
  'registry.candidate_key': { device_id: 'b.id', key: 'hashint8extended(t.key, b.copy)' },
  'registry.identity_claim': { device_id: 'b.id', digest: 'gen_random_uuid()' },
  'registry.device_directory_object': { device_id: 'b.id', object_id: 'gen_random_uuid()' },
  'registry.run_item': { device_id: 'b.id', run_id: 'b.run_id' },
  'directory.device_object': { id: 'gen_random_uuid()', registration_id: 'b.id' },
};

/** The column of each table by which its rows belong to a device. */
const deviceColumn: Readonly<Record<string, string>> = {
  'registry.device': 'id',
  'directory.device_object': 'registration_id',
};

/**
 * Multiplies the registered devices until there are so many: rows as real ones, but under ids, keys and claims of their own. Indexes
 * are made again afterwards, which is faster than filling them.
 */
export async function multiplyDevices(admin: pg.Pool, devices: number): Promise<void> {
  const client = await admin.connect();
  try {
    await client.query(`set session_replication_role = replica; set maintenance_work_mem = '1GB'; set jit = off`);
    const { rows } = await client.query<{ devices: string }>('select count(*) as devices from registry.device');
    const copies = Math.ceil(devices / Number(rows[0]!.devices)) - 1;
    await client.query('drop table if exists public.bench_copy');
    await client.query('create unlogged table public.bench_copy (model uuid, id uuid, copy integer, run_id uuid)');
    await client.query(
      `insert into public.bench_copy
       select d.id, uuidv7(), c.copy, md5('base ' || c.copy)::uuid
       from generate_series(1, $1::integer) as c (copy) cross join registry.device d order by c.copy, d.id`,
      [copies],
    );
    await client.query('analyze public.bench_copy');
    for (const table of Object.keys(ownInEachCopy)) {
      const again = await dropIndexes(client, table);
      await client.query(await multiplication(client, table));
      for (const statement of again) await client.query(statement);
    }
    await client.query('drop table public.bench_copy');
    await client.query('reset session_replication_role; reset jit');
    await client.query(`vacuum (analyze) ${leftBehind.map(({ table }) => table).join(', ')}`);
  } finally {
    client.release(true);
  }
}

async function multiplication(client: pg.PoolClient, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  );
  const own = ownInEachCopy[table]!;
  const columns = rows.map(({ name }) => name);
  const values = columns.map((name) => own[name] ?? `t.${name}`);
  return `insert into ${table} (${columns.join(', ')}) select ${values.join(', ')}
    from public.bench_copy b join ${table} t on t.${deviceColumn[table] ?? 'device_id'} = b.model`;
}

/** @returns the statements that make them again */
async function dropIndexes(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; again: string }>(
    `select format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as drop,
            format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as again
     from pg_constraint c where c.conrelid = $1::regclass and c.contype in ('p', 'u', 'x')
       -- Others' foreign keys hold on to it.
       and not exists (select 1 from pg_constraint f where f.confrelid = c.conrelid and f.contype = 'f')
     union all
     select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
     from pg_index i where i.indrelid = $1::regclass
       and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))`,
    [table],
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ again }) => again);
}
