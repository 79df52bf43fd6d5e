import type pg from 'pg';
import type { RemovedRegistration } from '../registration/remove-registrations.js';

/** How long a removed registration can be restored. */
export const archiveDays = 30;

/** To whom a device was assigned when its registration went. */
export interface AssignedUser {
  userId: string | null;
  userName: string | null;
}

/** Keeps registrations that a run took away, in the transaction that takes them: all that is wanted to bring them back as they were. */
export async function archiveRegistrations(
  client: pg.PoolClient,
  key: { runId: string; tenantId: string },
  removed: readonly RemovedRegistration[],
  users: ReadonlyMap<string, AssignedUser> = new Map(),
): Promise<void> {
  if (removed.length === 0) return;
  const array = (values: readonly unknown[]) => `{${values.join(',')}}`;
  await client.query({
    text: `insert into registry.removed_registration (tenant_id, device_id, run_id, device, hash, hash_length, snapshot_enrolled,
             snapshot_confirmed, claim_digests, claim_kinds, candidate_keys, candidate_kinds, facts, user_id, user_name, keep_until)
           select $1, w.device_id, $2, w.device, w.hash, w.hash_length, w.enrolled, w.confirmed, w.claims::uuid[],
             w.claim_kinds::smallint[], w.keys::bigint[], w.key_kinds::smallint[], w.facts, w.user_id, w.user_name,
             clock_timestamp() + $16 * interval '1 day'
           from unnest($3::uuid[], $4::jsonb[], $5::bytea[], $6::integer[], $7::bytea[], $8::bytea[], $9::text[], $10::text[],
               $11::text[], $12::text[], $13::jsonb[], $14::text[], $15::text[])
             as w (device_id, device, hash, hash_length, enrolled, confirmed, claims, claim_kinds, keys, key_kinds, facts, user_id, user_name)
           on conflict (tenant_id, device_id) do update
             set run_id = excluded.run_id, device = excluded.device, hash = excluded.hash, hash_length = excluded.hash_length,
                 snapshot_enrolled = excluded.snapshot_enrolled, snapshot_confirmed = excluded.snapshot_confirmed,
                 claim_digests = excluded.claim_digests, claim_kinds = excluded.claim_kinds,
                 candidate_keys = excluded.candidate_keys, candidate_kinds = excluded.candidate_kinds, facts = excluded.facts,
                 user_id = excluded.user_id, user_name = excluded.user_name, removed_at = excluded.removed_at, keep_until = excluded.keep_until, restored_by_run = null`,
    values: [
      key.tenantId,
      key.runId,
      removed.map((each) => each.deviceId),
      removed.map((each) => JSON.stringify(each.device)),
      removed.map((each) => each.hash?.sealed ?? null),
      removed.map((each) => each.hash?.originalLength ?? null),
      removed.map((each) => each.snapshot?.enrolled ?? null),
      removed.map((each) => each.snapshot?.confirmed ?? null),
      removed.map((each) => array(each.claims.map(({ digest }) => digest))),
      removed.map((each) => array(each.claims.map(({ kind }) => kind))),
      removed.map((each) => array(each.keys.map((evidence) => evidence.key))),
      removed.map((each) => array(each.keys.map(({ kind }) => kind))),
      removed.map((each) => JSON.stringify(each.facts)),
      removed.map((each) => users.get(each.deviceId)?.userId ?? null),
      removed.map((each) => users.get(each.deviceId)?.userName ?? null),
      archiveDays,
    ],
  });
}

/** What the run took away is not to come back any more, and is not kept for anybody. */
export async function forgetArchived(client: pg.PoolClient, key: { runId: string; tenantId: string }): Promise<void> {
  await client.query({
    name: 'forget_archived',
    text: 'delete from registry.removed_registration where run_id = $1 and tenant_id = $2',
    values: [key.runId, key.tenantId],
  });
}
