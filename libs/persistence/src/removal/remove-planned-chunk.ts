import { authorizePartnerAction, type ConsentState, type PartnerStatus, type VerdictCounts } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { freeDevices, reserveDevices } from '../exclusion/device-reservations.js';
import type { RejectedRow } from '../registration/chunk-decision.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { insertItems, recordProgress } from '../registration/progress.js';
import { removeRegistrations } from '../registration/remove-registrations.js';
import { everOfOrder } from '../orders/devices-of-order.js';
import { archiveRegistrations } from '../restore/archive-registrations.js';
import { countAgainstConsents } from './count-against-consents.js';
import { countTakenBack, writeRemovalSteps } from './removal-steps.js';

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
  const ours = refusal === null ? await everOfOrder(client, key.runId, chunk.device_ids) : new Set<string>();
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
  if (chunk.cancelled) await countTakenBack(client, key.runId, {});
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

async function removeOfOrder(
  client: pg.PoolClient,
  key: ChunkKey,
  { device_ids: named }: PlannedChunk,
): Promise<{ ids: string[]; busy: Map<string, string> }> {
  const ours = [...(await everOfOrder(client, key.runId, named))];
  const run = { runId: key.runId, tenantId: key.tenantId, kind: 'deregistration' as const };
  const held = await reserveDevices(askOf(client), run, ours);
  const busy = new Map(held.map((each) => [each.deviceId, each.runId]));
  const free = ours.filter((id) => !busy.has(id));
  await countAgainstConsents(client, key.tenantId, 'registered', free, -1);
  const removed = await removeRegistrations(client, key.tenantId, free);
  // Should the run be cancelled, it is put back as it was.
  await archiveRegistrations(client, key, removed);
  await freeDevices(askOf(client), run, ours);
  return { ids: removed.map((registration) => registration.deviceId), busy };
}
