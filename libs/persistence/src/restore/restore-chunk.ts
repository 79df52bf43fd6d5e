import type { Verdict, VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import { assignDevicesOfRun } from '../assignment/assign-devices-of-run.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import type { DeviceFactTable } from '../registration/device-facts.js';
import { recordProgress } from '../registration/progress.js';
import { removeRegistrations } from '../registration/remove-registrations.js';

/** A device of a restore that is registered again and waits for the neighbours. */
export interface RestoredDevice {
  deviceId: string;
  serialNumber: string | null;
  groupTag: string | null;
  purchaseOrder: string | null;
  userId: string | null;
  userName: string | null;
}

/** A device that cannot come back, and why. */
export interface Refused {
  deviceId: string;
  verdict: Verdict;
  message: string;
}

/**
 * Registers the devices of the chunk again, as they were: what they claim, look like and are found by. What somebody else claims by
 * now is refused, and says so. Done once: whoever comes second finds the work done.
 *
 * @returns how many wait for the neighbours
 */
export async function restoreChunk(pool: pg.Pool, key: ChunkKey): Promise<number> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query<{ device_id: string; state: string; kept: boolean }>({
      name: 'restore_lock',
      text: `select w.device_id, w.state, r.device_id is not null as kept
             from registry.restore_device w
             left join registry.removed_registration r on r.tenant_id = w.tenant_id and r.device_id = w.device_id
               and r.restored_by_run is null and r.keep_until > clock_timestamp()
             where w.run_id = $1 and w.chunk = $2 order by w.device_id for update of w`,
      values: [key.runId, key.chunk],
    });
    const asked = rows.filter(({ state }) => state === 'asked');
    if (asked.length === 0) return rows.filter(({ state }) => state === 'registered').length;

    const refused: Refused[] = asked
      .filter(({ kept }) => !kept)
      .map(({ device_id }) => ({
        deviceId: device_id,
        verdict: 'not_on_file',
        message: 'What was removed is not kept any more, or was restored already.',
      }));
    const kept = asked.filter((row) => row.kept).map((row) => row.device_id);
    refused.push(...(await claimAgain(client, kept)));
    const lost = new Set(refused.map(({ deviceId }) => deviceId));
    const back = kept.filter((id) => !lost.has(id));
    await registerAgain(client, key, back);
    await move(client, key, back, 'registered');
    await settleItems(client, key, refused, 'restore.registered', back.length);
    return back.length;
  });
}

/** The devices that wait for the neighbours. */
export async function loadRestored(pool: pg.Pool, key: ChunkKey): Promise<RestoredDevice[]> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query({
      name: 'restore_awaiting',
      text: `select d.id, d.serial_number, d.group_tag, d.purchase_order, r.user_id, r.user_name
             from registry.restore_device w
             join registry.device d on d.tenant_id = w.tenant_id and d.id = w.device_id
             left join registry.removed_registration r on r.tenant_id = w.tenant_id and r.device_id = w.device_id
             where w.run_id = $1 and w.chunk = $2 and w.state = 'registered' order by w.device_id`,
      values: [key.runId, key.chunk],
    });
    return rows.map((row) => ({
      deviceId: row.id,
      serialNumber: row.serial_number,
      groupTag: row.group_tag,
      purchaseOrder: row.purchase_order,
      userId: row.user_id,
      userName: row.user_name,
    }));
  });
}

/** What the neighbours show of restored devices. */
export interface SeenAtNeighbours {
  /** The directory object of each device that has one. */
  objects: ReadonlyMap<string, string>;
  /** Why the directory refused the others. */
  refused: ReadonlyMap<string, string>;
  /** What is not as it was, of devices that are registered again. */
  differences: ReadonlyMap<string, string>;
}

/** Gives the devices their verdict: with their object they are restored; whom the directory refuses is taken out again. */
export async function settleRestoredChunk(
  pool: pg.Pool,
  key: ChunkKey,
  { objects, refused: refusedByDirectory, differences }: SeenAtNeighbours,
): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query<{ device_id: string }>({
      name: 'restore_settle_lock',
      text: `select device_id from registry.restore_device
             where run_id = $1 and chunk = $2 and state = 'registered' order by device_id for update`,
      values: [key.runId, key.chunk],
    });
    const ids = rows.map((row) => row.device_id);
    if (ids.length === 0) return;
    const refused = ids
      .filter((id) => !objects.has(id))
      .map((deviceId) => ({
        deviceId,
        verdict: 'already_joined' as const,
        message: refusedByDirectory.get(deviceId) ?? 'The directory has no object for it.',
      }));
    await removeRegistrations(
      client,
      key.tenantId,
      refused.map(({ deviceId }) => deviceId),
    );
    const back = ids.filter((id) => objects.has(id));
    await client.query({
      text: `insert into registry.device_directory_object (tenant_id, device_id, object_id)
             select $1, w.device_id, w.object_id from unnest($2::uuid[], $3::uuid[]) as w (device_id, object_id)
             on conflict (tenant_id, device_id) do update set object_id = excluded.object_id, observed_at = now()`,
      values: [key.tenantId, back, back.map((id) => objects.get(id))],
    });
    await client.query({
      text: `delete from registry.removed_registration where tenant_id = $1 and device_id = any ($2::uuid[])`,
      values: [key.tenantId, back],
    });
    await client.query({
      text: `insert into registry.run_item (run_id, line, tenant_id, verdict, device_id, detail)
             select d.run_id, d.position, d.tenant_id, 'registered', d.device_id,
               case when w.difference is not null then jsonb_build_object('message', w.difference) end
             from unnest($2::uuid[], $3::text[]) as w (device_id, difference)
             join registry.restore_device d on d.run_id = $1 and d.device_id = w.device_id`,
      values: [key.runId, back, back.map((id) => differences.get(id) ?? null)],
    });
    await move(client, key, back, 'settled');
    await free(client, key, back);
    // Their profile is found anew: groups and profiles may have changed since.
    await assignDevicesOfRun(client, key, 'restore', back);
    await settleItems(client, key, refused, 'restore.settled', back.length, { registered: back.length });
  });
}

/**
 * What people and makers have said of a device, with what has to be there for it: nobody would say it again. The rest is found anew: its
 * object, its dynamic groups, its profile.
 */
const factsThatComeBack = {
  device_designation: null,
  device_facts: null,
  device_hold: null,
  device_group_member: `exists (select from registry.device_group g
    where g.tenant_id = $1 and g.id = (f.fact ->> 'group_id')::uuid)`,
} as const satisfies Partial<Record<DeviceFactTable, string | null>>;

/** Claims again what archived devices claimed. @returns those of which somebody claims something by now; of them nothing is claimed */
export async function claimAgain(client: pg.PoolClient, ids: string[]): Promise<Refused[]> {
  const { rows } = await client.query<{ device_id: string; owned_elsewhere: boolean; holder: string | null }>({
    text: `with claims as (
             select array_agg(c.digest) as digests, array_agg(c.kind) as kinds, array_agg(r.device_id) as devices
             from registry.removed_registration r, unnest(r.claim_digests, r.claim_kinds) as c (digest, kind)
             where r.device_id = any ($1::uuid[]))
           select l.device_id, l.owned_elsewhere, l.holder from claims c, registry.claim_identities(c.digests, c.kinds, c.devices) as l
           where c.digests is not null`,
    values: [ids],
  });
  return rows.map((row) => ({
    deviceId: row.device_id,
    verdict: row.owned_elsewhere ? 'owned_elsewhere' : 'already_registered',
    message: row.owned_elsewhere
      ? 'The hardware is registered by another owner now.'
      : `The hardware is registered again as device ${row.holder ?? 'of another run'}.`,
  }));
}

/** Registers archived devices as they were, once their claims are theirs again. */
export async function registerAgain(client: pg.PoolClient, key: { tenantId: string }, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const values = [key.tenantId, ids];
  await client.query({
    text: `insert into registry.device
           select (jsonb_populate_record(null::registry.device,
             r.device || jsonb_build_object('version', (r.device ->> 'version')::integer + 1))).*
           from registry.removed_registration r where r.tenant_id = $1 and r.device_id = any ($2::uuid[])`,
    values,
  });
  await client.query({
    text: `insert into registry.device_hash (tenant_id, device_id, sealed, original_length)
           select tenant_id, device_id, hash, hash_length from registry.removed_registration
           where tenant_id = $1 and device_id = any ($2::uuid[]) and hash is not null`,
    values,
  });
  await client.query({
    text: `insert into registry.device_snapshot (device_id, tenant_id, enrolled, confirmed)
           select device_id, tenant_id, snapshot_enrolled, snapshot_confirmed from registry.removed_registration
           where tenant_id = $1 and device_id = any ($2::uuid[]) and snapshot_enrolled is not null`,
    values,
  });
  await client.query({
    text: `with shown as (
             select r.device_id, r.candidate_keys, r.candidate_kinds, (row_number() over (order by r.device_id))::integer as place
             from registry.removed_registration r
             where r.tenant_id = $1 and r.device_id = any ($2::uuid[]) and cardinality(r.candidate_keys) > 0),
           evidence as (
             select array_agg(k.key) as keys, array_agg(k.kind) as kinds, array_agg(s.place) as places
             from shown s, unnest(s.candidate_keys, s.candidate_kinds) as k (key, kind))
           select registry.insert_candidate_keys((select array_agg(s.device_id order by s.place) from shown s), e.places, e.keys, e.kinds)
           from evidence e where e.keys is not null`,
    values,
  });
  for (const [table, needed] of Object.entries(factsThatComeBack)) {
    await client.query({
      text: `insert into registry.${table}
             select (jsonb_populate_record(null::registry.${table}, f.fact)).*
             from registry.removed_registration r, jsonb_array_elements(r.facts -> '${table}') as f (fact)
             where r.tenant_id = $1 and r.device_id = any ($2::uuid[]) ${needed === null ? '' : `and ${needed}`}`,
      values,
    });
  }
  await client.query({
    text: 'delete from registry.opted_out_device where tenant_id = $1 and device_id = any ($2::uuid[])',
    values,
  });
}

async function move(
  client: pg.PoolClient,
  key: ChunkKey,
  ids: string[],
  state: 'registered' | 'settled',
): Promise<void> {
  await client.query({
    text: 'update registry.restore_device set state = $3 where run_id = $1 and device_id = any ($2::uuid[])',
    values: [key.runId, ids, state],
  });
}

async function free(client: pg.PoolClient, key: ChunkKey, ids: string[]): Promise<void> {
  await client.query({
    text: 'delete from registry.device_reservation where tenant_id = $2 and run_id = $1 and device_id = any ($3::uuid[])',
    values: [key.runId, key.tenantId, ids],
  });
}

async function settleItems(
  client: pg.PoolClient,
  key: ChunkKey,
  refused: readonly Refused[],
  event: string,
  restored: number,
  more: VerdictCounts = {},
): Promise<void> {
  const ids = refused.map(({ deviceId }) => deviceId);
  await client.query({
    text: `insert into registry.run_item (run_id, line, tenant_id, verdict, device_id, detail)
           select d.run_id, d.position, d.tenant_id, w.verdict, d.device_id, jsonb_build_object('message', w.message)
           from unnest($2::uuid[], $3::text[], $4::text[]) as w (device_id, verdict, message)
           join registry.restore_device d on d.run_id = $1 and d.device_id = w.device_id`,
    values: [key.runId, ids, refused.map(({ verdict }) => verdict), refused.map(({ message }) => message)],
  });
  await move(client, key, ids, 'settled');
  await free(client, key, ids);
  const counts: VerdictCounts = { ...more };
  for (const { verdict } of refused) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const data = { chunk: key.chunk, devices: restored, refused: refused.length };
  await recordProgress(client, key, { counts, event: { kind: event, data }, audit: { action: event, data } });
}
