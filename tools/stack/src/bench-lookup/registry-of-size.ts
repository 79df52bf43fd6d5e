import { randomBytes } from 'node:crypto';

import type pg from 'pg';

/** A registry with this many devices. */
export interface RegistrySize {
  devices: number;
  /** Devices that share one value; they come first. */
  sharing: number;
}

/** Keys of a device: one of each kind. Source: matching.md D. */
export const keysPerDevice = 9;

/** The key that many devices share, and the kind whose place it takes. */
export const sharedKey = { key: '4242', kind: 7 };

/** What a sealed snapshot of an ordinary notebook weighs. */
const sealedSnapshotBytes = 1_100;

export const tenantId = '00000000-0000-4000-8000-000000000001';

/** The id of a device in SQL. Spread over the whole index, where real ones lie beside those of their order: the harder case. */
export const deviceIdSql = (number: string): string => `md5('device ' || ${number})::uuid`;

/** A key of a device in SQL: as good as random, as a keyed digest is. */
export const keySql = (number: string, kind: string, sharing: number): string =>
  `case when ${kind} = ${sharedKey.kind} and ${number} < ${sharing} then ${sharedKey.key}
        else hashint8extended((${number})::bigint * 16 + ${kind}, 7) end`;

/**
 * Fills the candidate index and the snapshots with SQL alone. Indexes come after the rows and nothing is logged: what is
 * measured only reads.
 *
 * @param admin past all policies
 */
export async function fillRegistry(admin: pg.Client, size: RegistrySize): Promise<void> {
  await admin.query(`
    set maintenance_work_mem = '1GB';
    alter table registry.candidate_key drop constraint candidate_key_pkey;
    drop index registry.candidate_key_of_device;
    alter table registry.candidate_key set unlogged;
    alter table registry.device_snapshot set unlogged`);
  await admin.query(
    `insert into registry.candidate_key (key, device_id, kind)
     select ${keySql('d.number', 'k.kind', size.sharing)}, d.id, k.kind
     from (select n as number, ${deviceIdSql('n')} as id from generate_series(0, ${size.devices - 1}) as n offset 0) as d
     cross join generate_series(1, ${keysPerDevice}) as k (kind)`,
  );
  await admin.query(
    `insert into registry.device_snapshot (device_id, tenant_id, enrolled)
     select ${deviceIdSql('n')}, $1, $2 from generate_series(0, ${size.devices - 1}) as n`,
    [tenantId, randomBytes(sealedSnapshotBytes)],
  );
  await admin.query('alter table registry.candidate_key add primary key (key, device_id, kind)');
  await admin.query('create index candidate_key_of_device on registry.candidate_key (device_id)');
  await admin.query('vacuum (analyze) registry.candidate_key, registry.device_snapshot');
  await admin.query('checkpoint');
  await readIndexes(admin);
}

/** Where lookups happen all day their indexes are in memory: all of them are read once, that of the baseline too. */
async function readIndexes(admin: pg.Client): Promise<void> {
  await admin.query(`set enable_seqscan = off; set enable_bitmapscan = off; set max_parallel_workers_per_gather = 0`);
  await admin.query('select count(*) from registry.device_snapshot where device_id is not null');
  await admin.query('select count(*) from registry.candidate_key where key is not null');
  await admin.query('reset enable_seqscan; reset enable_bitmapscan; reset max_parallel_workers_per_gather');
}
