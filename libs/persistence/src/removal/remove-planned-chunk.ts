import { authorizePartnerAction, type ConsentState, type PartnerStatus, type VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { freeDevices, reserveDevices } from '../exclusion/device-reservations.js';
import type { RejectedRow } from '../registration/chunk-decision.js';
import type { ChunkKey } from '../registration/chunk-store.js';
import { insertItems, recordProgress } from '../registration/progress.js';
import { removeRegistrations } from '../registration/remove-registrations.js';
import { addToRegistered } from '../registration/within-scope.js';
import { writeRemovalSteps } from './removal-steps.js';

/** A chunk of devices that were named for removal, held by the caller. */
export interface PlannedChunk {
  lines: number[];
  device_ids: string[];
  partner_id: string;
  /** The run was cancelled: what it has not reached stays. */
  cancelled: boolean;
}

/**
 * Takes the chunk's devices away, each with its verdict, in the caller's transaction. Only devices of the run's own order are, and only
 * while the partner may act for the tenant; what another run is working on stays and says so.
 *
 * @returns how many devices now wait for the directory to let go of them
 */
export async function removePlannedChunk(client: pg.PoolClient, key: ChunkKey, chunk: PlannedChunk): Promise<number> {
  const refusal = chunk.cancelled ? 'cancelled' : await authorityRefuses(client, key, chunk.partner_id);
  const removed =
    refusal === null ? await removeOfOrder(client, key, chunk) : { ids: [], busy: new Map<string, string>() };
  const gone = new Set(removed.ids);
  const ours = refusal === null ? await ofOrder(client, key, chunk.device_ids) : new Set<string>();
  const rows = chunk.device_ids.map((deviceId, index): RejectedRow => {
    const line = chunk.lines[index]!;
    if (chunk.cancelled) return { line, verdict: 'cancelled', detail: { deviceId } };
    if (refusal !== null) return { line, verdict: 'withheld', detail: { deviceId, message: refusal } };
    if (gone.has(deviceId)) return { line, verdict: 'removed', detail: { deviceId } };
    const runId = removed.busy.get(deviceId);
    if (runId !== undefined) return { line, verdict: 'busy', detail: { deviceId, runId } };
    return { line, verdict: ours.has(deviceId) ? 'not_registered' : 'not_in_order', detail: { deviceId } };
  });
  await insertItems(client, key, rows);
  await client.query({
    name: 'chunk_removed',
    text: 'update registry.run_chunk set state = $3, device_ids = $4 where run_id = $1 and number = $2',
    values: [key.runId, key.chunk, gone.size === 0 ? 'released' : 'taken_back', removed.ids],
  });
  await writeRemovalSteps(client, key, gone.size);
  const counts: VerdictCounts = {};
  for (const { verdict } of rows) counts[verdict] = (counts[verdict] ?? 0) + 1;
  await recordProgress(client, key, {
    counts,
    event: { kind: 'chunk.removed', data: { chunk: key.chunk, counts } },
    audit: { action: 'devices.remove', data: { chunk: key.chunk, counts } },
  });
  return gone.size;
}

async function authorityRefuses(client: pg.PoolClient, key: ChunkKey, partnerId: string): Promise<string | null> {
  const { rows } = await client.query<{ partner_status: PartnerStatus; consent_state: ConsentState | null }>({
    name: 'lock_authority_to_remove',
    text: 'select partner_status, consent_state from registry.lock_registration_authority($1, $2)',
    values: [partnerId, key.tenantId],
  });
  const standing = { status: rows[0]!.partner_status, consent: rows[0]!.consent_state, acceptedUnder: null };
  const decision = authorizePartnerAction(['partner'], 'remove_registration_only', standing);
  return decision.ok ? null : decision.refusal;
}

/** Which of these devices were registered by this run's order, whether they still are or not. */
async function ofOrder(client: pg.PoolClient, key: ChunkKey, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'devices_of_order',
    text: `select distinct i.device_id as id from registry.run me
           join registry.run r on r.order_id = me.order_id
           join registry.run_item i on i.run_id = r.id and i.verdict = 'registered' and i.device_id = any ($2::uuid[])
           where me.id = $1`,
    values: [key.runId, ids],
  });
  return new Set(rows.map((row) => row.id));
}

async function removeOfOrder(
  client: pg.PoolClient,
  key: ChunkKey,
  { device_ids: named }: PlannedChunk,
): Promise<{ ids: string[]; busy: Map<string, string> }> {
  const ours = [...(await ofOrder(client, key, named))];
  const run = { runId: key.runId, tenantId: key.tenantId, kind: 'deregistration' as const };
  const held = await reserveDevices(askOf(client), run, ours);
  const busy = new Map(held.map((each) => [each.deviceId, each.runId]));
  const free = ours.filter((id) => !busy.has(id));
  const { rows } = await client.query<{ consent_id: string; devices: number }>({
    name: 'consents_of_devices',
    text: `select r.consent_id, count(*)::integer as devices from registry.device d join registry.run r on r.id = d.source_run_id
           where d.tenant_id = $1 and d.id = any ($2::uuid[]) and r.consent_id is not null group by r.consent_id order by r.consent_id`,
    values: [key.tenantId, free],
  });
  // What goes makes room again under the consent it came with.
  for (const { consent_id, devices } of rows) await addToRegistered(client, consent_id, -devices);
  const removed = await removeRegistrations(client, key.tenantId, free);
  await freeDevices(askOf(client), run, ours);
  return { ids: removed.map((registration) => registration.deviceId), busy };
}
