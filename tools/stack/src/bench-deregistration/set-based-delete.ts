import { randomUUID } from 'node:crypto';

import type pg from 'pg';

/** The steps that the product's ledger has for a device that is enrolled and has no user. */
const steps = [
  'retire_management',
  'remove_registration',
  'release_registration',
  'sync',
  'verify_gone',
  'observe_directory_object',
];

/**
 * What stands beside a deregistration: one statement after the other takes the same rows away and writes the same ledger, knowing
 * beforehand that everything succeeds, and asking nobody. @returns milliseconds
 */
export async function deleteAsASet(admin: pg.Pool, tenantId: string, deviceIds: readonly string[]): Promise<number> {
  const runId = randomUUID();
  await admin.query(
    `insert into registry.run (id, kind, tenant_id, task_queue, chunk_count, received, source_format, body_digest, requested_by)
     values ($1, 'deregistration', $2, 'bulk', 1, $3, 'json', '\\x00', 'bench')`,
    [runId, tenantId, deviceIds.length],
  );
  const client = await admin.connect();
  const startedAt = performance.now();
  try {
    const write = (text: string, values: unknown[]) => client.query(text, values);
    await write('begin', []);
    await write(
      `insert into registry.deregistration_device (run_id, device_id, tenant_id, chunk, position, state, step, steps, version,
         serial_number, crossed_at, ended_at)
       select $1, d.id, d.tenant_id, 1, row_number() over (), 'deregistered', $4, $5, d.version, d.serial_number,
         clock_timestamp(), clock_timestamp()
       from registry.device d where d.tenant_id = $2 and d.id = any ($3::uuid[])`,
      [runId, tenantId, deviceIds, steps.at(-1), steps],
    );
    await write(
      `insert into registry.deregistration_step (run_id, device_id, step, attempt, tenant_id, state, request_key, accepted_at,
         observed_at, answered_by)
       select $1::uuid, w.id, s.step, 1, $2, 'observed', $1::uuid || '/' || s.step || '/1', clock_timestamp(), clock_timestamp(), 'bench'
       from unnest($3::uuid[]) as w (id), unnest($4::text[]) as s (step)`,
      [runId, tenantId, deviceIds, steps],
    );
    await write(
      `insert into registry.run_item (run_id, line, tenant_id, verdict, device_id)
       select $1, row_number() over (), $2, 'deregistered', w.id from unnest($3::uuid[]) as w (id)`,
      [runId, tenantId, deviceIds],
    );
    await write(
      `insert into registry.removed_registration (tenant_id, device_id, run_id, device, hash, hash_length, snapshot_enrolled,
         claim_digests, claim_kinds, candidate_keys, candidate_kinds, facts, keep_until)
       select d.tenant_id, d.id, $1, to_jsonb(d), h.sealed, h.original_length, s.enrolled,
         array(select c.digest from registry.identity_claim c where c.device_id = d.id),
         array(select c.kind from registry.identity_claim c where c.device_id = d.id),
         array(select k.key from registry.candidate_key k where k.device_id = d.id),
         array(select k.kind from registry.candidate_key k where k.device_id = d.id), '{}', now() + interval '30 days'
       from registry.device d
       left join registry.device_hash h on h.tenant_id = d.tenant_id and h.device_id = d.id
       left join registry.device_snapshot s on s.device_id = d.id
       where d.tenant_id = $2 and d.id = any ($3::uuid[])`,
      [runId, tenantId, deviceIds],
    );
    await write('delete from registry.identity_claim where device_id = any ($1::uuid[])', [deviceIds]);
    await write('delete from registry.candidate_key where device_id = any ($1::uuid[])', [deviceIds]);
    await write('delete from registry.device_snapshot where device_id = any ($1::uuid[])', [deviceIds]);
    for (const table of ['device_hash', 'device_directory_object', 'device_assignment', 'device_attributes'])
      await write(`delete from registry.${table} where tenant_id = $1 and device_id = any ($2::uuid[])`, [
        tenantId,
        deviceIds,
      ]);
    await write('delete from registry.device where tenant_id = $1 and id = any ($2::uuid[])', [tenantId, deviceIds]);
    await write('commit', []);
    return performance.now() - startedAt;
  } finally {
    client.release();
  }
}
