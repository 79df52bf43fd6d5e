import type { Designation } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { readDesignations, writeDesignations, type DesignatedDevice } from '../designation/designations.js';
import { requestRetags } from '../designation/retags.js';
import type { Candidate, RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './open-chunk.js';

const nobody: Designation = { assignedUser: null, displayName: null };

/**
 * Rows that name a device which is registered already say something new about it where the same registrar sends them: group tag,
 * purchase order, assigned user and display name are merged, and what a row does not name stays. Such a row still ends as "registered
 * already", and says what it changed. A device whose object is not observed yet stays as it is. Asked only where a row says anything.
 *
 * @returns the devices that were changed
 */
export async function mergeKnown(
  client: pg.PoolClient,
  key: ChunkKey,
  partnerId: string | null,
  candidates: readonly Candidate[],
  rejected: readonly RejectedRow[],
): Promise<string[]> {
  const byLine = new Map(candidates.map((candidate) => [candidate.line, candidate]));
  const said = new Map<string, { row: RejectedRow; candidate: Candidate }>();
  for (const row of rejected) {
    const candidate = byLine.get(row.line);
    const deviceId = row.verdict === 'already_registered' || row.verdict === 'kept' ? row.detail?.deviceId : undefined;
    if (deviceId !== undefined && candidate !== undefined && saysSomething(candidate))
      said.set(deviceId, { row, candidate });
  }
  if (said.size === 0) return [];
  const before = await holdOwn(client, key, partnerId, [...said.keys()]);
  const own = [...said].filter(([deviceId]) => before.has(deviceId));
  const designations = await readDesignations(askOf(client), key.tenantId, [...before.keys()]);
  const retagged: string[] = [];
  const designated: DesignatedDevice[] = [];
  const changed: { deviceId: string; groupTag: string | null; purchaseOrder: string | null }[] = [];
  for (const [deviceId, { row, candidate }] of own) {
    const was = { ...before.get(deviceId)!, ...(designations.get(deviceId) ?? nobody) };
    const is = mergedInto(was, candidate);
    const names = (Object.keys(labels) as (keyof typeof labels)[]).filter((field) => was[field] !== is[field]);
    if (names.length === 0) continue;
    changed.push({ deviceId, groupTag: is.groupTag, purchaseOrder: is.purchaseOrder });
    if (names.includes('groupTag') || names.includes('purchaseOrder')) retagged.push(deviceId);
    if (names.includes('assignedUser') || names.includes('displayName'))
      designated.push({ deviceId, assignedUser: is.assignedUser, displayName: is.displayName });
    row.detail = {
      ...row.detail,
      message: `Changed as the row says: ${names.map((name) => labels[name]).join(', ')}.`,
    };
  }
  if (changed.length === 0) return [];
  await client.query({
    name: 'merge_known',
    text: `update registry.device d set group_tag = w.group_tag, purchase_order = w.purchase_order, version = d.version + 1
           from unnest($2::uuid[], $3::text[], $4::text[]) as w (id, group_tag, purchase_order)
           where d.tenant_id = $1 and d.id = w.id`,
    values: [
      key.tenantId,
      changed.map(({ deviceId }) => deviceId),
      changed.map(({ groupTag }) => groupTag),
      changed.map(({ purchaseOrder }) => purchaseOrder),
    ],
  });
  if (designated.length > 0) await writeDesignations(askOf(client), key.tenantId, designated);
  await requestRetags(askOf(client), key.tenantId, retagged);
  return changed.map(({ deviceId }) => deviceId);
}

type Changeable = Designation & Pick<Candidate, 'groupTag' | 'purchaseOrder'>;

const labels: Record<keyof Changeable, string> = {
  groupTag: 'group tag',
  purchaseOrder: 'purchase order',
  assignedUser: 'assigned user',
  displayName: 'display name',
};

function saysSomething({ groupTag, purchaseOrder, designation }: Candidate): boolean {
  return groupTag !== null || purchaseOrder !== null || (designation ?? null) !== null;
}

function mergedInto(was: Changeable, { groupTag, purchaseOrder, designation }: Candidate): Changeable {
  return {
    groupTag: groupTag ?? was.groupTag,
    purchaseOrder: purchaseOrder ?? was.purchaseOrder,
    assignedUser: designation?.assignedUser ?? was.assignedUser,
    displayName: designation?.displayName ?? was.displayName,
  };
}

/** The devices that the sender himself registered, held in order. What a tenant's devices were converted to is its own, too. */
async function holdOwn(
  client: pg.PoolClient,
  key: ChunkKey,
  partnerId: string | null,
  deviceIds: string[],
): Promise<Map<string, Pick<Changeable, 'groupTag' | 'purchaseOrder'>>> {
  const { rows } = await client.query<{ id: string; group_tag: string | null; purchase_order: string | null }>({
    name: 'hold_own_devices',
    text: `select d.id, d.group_tag, d.purchase_order from registry.device d
           join registry.device_directory_object o on o.tenant_id = d.tenant_id and o.device_id = d.id
           where d.tenant_id = $1 and d.id = any ($2::uuid[]) and d.registrar_id = $3 and (d.registrar_kind = 'partner') = $4
           order by d.id for update of d`,
    values: [key.tenantId, deviceIds, partnerId ?? key.tenantId, partnerId !== null],
  });
  return new Map(rows.map((row) => [row.id, { groupTag: row.group_tag, purchaseOrder: row.purchase_order }]));
}
