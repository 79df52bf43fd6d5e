import { evidenceKeys, planRefresh, type Decision, type RefreshPlan, type Snapshot } from '@groundcrew/matching';
import type { Remediation } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { devicePopulation, findCandidates, type FoundCandidate } from '../matching/candidate-index.js';
import { gatherKeys } from '../matching/report-keys.js';
import { groupsSeenElsewhere, identify, sameReport } from '../matching/identify.js';
import { applyRefreshPlan, loadRecentRefreshes, type RefreshTools } from '../matching/snapshot-refreshes.js';
import { noteSightings } from './note-sightings.js';

/** Whether devices of this tenant wait to be asked what they are. */
export async function hasChangedHardware(pool: pg.Pool, tenantId: string): Promise<boolean> {
  return inTenant(pool, tenantId, async (client) => {
    const { rowCount } = await client.query(
      'select 1 from registry.device_assignment where tenant_id = $1 and remediation is not null limit 1',
      [tenantId],
    );
    return rowCount === 1;
  });
}

/** Those of the registrations whose hardware is known to have changed, by their ids and by their serial numbers. */
export async function findChangedHardware(
  pool: pg.Pool,
  tenantId: string,
  registrationIds: readonly string[],
  serialNumbers: readonly string[],
): Promise<{ deviceId: string; serialNumber: string | null }[]> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ deviceId: string; serialNumber: string | null }>(
      `select d.id as "deviceId", d.serial_number as "serialNumber"
       from registry.device_assignment a join registry.device d on d.tenant_id = a.tenant_id and d.id = a.device_id
       where a.tenant_id = $1 and a.remediation is not null and (d.id = any ($2::uuid[]) or d.serial_number = any ($3::text[]))`,
      [tenantId, registrationIds, serialNumbers],
    );
    return rows;
  });
}

/**
 * Holds what a device says of itself now against what was registered. Where it is that device, nothing is left to be put right, and
 * parts that were replaced are followed; where it is not, or too much of it is new, a person must look.
 *
 * @param observed null where what the device said cannot be read
 * @param at unix seconds
 * @returns where the device stands now
 */
export async function lookAgain(
  pool: pg.Pool,
  tools: RefreshTools,
  device: { tenantId: string; deviceId: string },
  observed: Snapshot | null,
  at: number,
): Promise<Remediation | null> {
  const { tenantId, deviceId } = device;
  return inTenant(pool, tenantId, async (client) => {
    const plan = observed === null ? null : await refreshOf(client, tools, deviceId, observed, at);
    const agrees = plan !== null && !plan.review;
    const changed = await noteSightings(client, tenantId, [{ deviceId, sighting: agrees ? 'agrees' : 'differs' }]);
    if (agrees) await applyRefreshPlan(client, tools, tenantId, plan);
    for (const { remediation } of changed)
      await client.query({
        name: 'audit_remediation',
        text: `select registry.append_audit($1, 'service:worker', 'device.hardware-seen', $2, $3::jsonb, null)`,
        values: [tenantId, `device/${deviceId}`, JSON.stringify({ remediation })],
      });
    return agrees ? null : 'attention_required';
  });
}

/** What of the report the device takes over; null where the report is not the device. */
async function refreshOf(
  client: pg.PoolClient,
  { sealer, digests }: RefreshTools,
  deviceId: string,
  observed: Snapshot,
  at: number,
): Promise<RefreshPlan | null> {
  const ask = askOf(client);
  const found = (await findCandidates(ask, sealer, gatherKeys([[0, evidenceKeys(observed, digests)]]))).get(0) ?? [];
  if (sameReport(observed, found)?.deviceId === deviceId) return { events: [], held: [], review: false };
  const decision = identify(observed, found, await devicePopulation(ask));
  if (decision.outcome !== 'match' || decision.deviceId !== deviceId) return null;
  const refreshes = await loadRecentRefreshes(client, sealer, deviceId, at);
  const history = { refreshes, lastSeenElsewhere: groupsSeenElsewhere(found, deviceId) };
  return planRefresh(decidedOn(decision, deviceId), observed, confirmedOf(found, deviceId), history, at);
}

function decidedOn(decision: Decision, deviceId: string) {
  return decision.candidates.find((candidate) => candidate.deviceId === deviceId)!;
}

function confirmedOf(found: readonly FoundCandidate[], deviceId: string): Snapshot {
  return found.find((candidate) => candidate.deviceId === deviceId)!.confirmed;
}
