import type pg from 'pg';
import { deviceFactTables, type DeviceFactTable } from './device-facts.js';

/** One registration as it was when it was taken away: enough to archive it, and to bring it back. */
export interface RemovedRegistration {
  deviceId: string;
  /** The row of `registry.device`, as JSON with its column names. */
  device: Record<string, unknown> & { serial_number: string | null; source_run_id: string };
  /** Sealed as it was; bound to the device's id. Null where a device had none. */
  hash: { sealed: Buffer; originalLength: number } | null;
  snapshot: { enrolled: Buffer; confirmed: Buffer | null } | null;
  claims: { digest: string; kind: number }[];
  keys: { key: string; kind: number }[];
  /** Rows of the tables that `deviceFactTables` names. */
  facts: Partial<Record<DeviceFactTable, Record<string, unknown>[]>>;
}

/**
 * Takes registrations of one tenant away, as a set and in the caller's transaction: the device, its hash, its snapshot, what it is
 * found by, what it claims, and every fact that hangs on it. Whoever sends the hardware again registers a new device.
 *
 * Locks: claims, sorted; then device rows, sorted. The caller holds its chunk and the authority before, and touches run and audit
 * head after. A device that is gone already is left out of the answer, so a repetition is harmless.
 *
 * @param client a transaction in the tenant's scope (`inTenant`), as the worker
 */
export async function removeRegistrations(
  client: pg.PoolClient,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<RemovedRegistration[]> {
  if (deviceIds.length === 0) return [];
  const ids = [...deviceIds];
  const removed = new Map<string, RemovedRegistration>();
  const claims = await client.query<{ device_id: string; digest: string; kind: number }>({
    name: 'take_back_identities',
    text: 'select device_id, digest, kind from registry.take_back_identities($1::uuid[])',
    values: [ids],
  });
  const devices = await client.query<{ id: string; device: RemovedRegistration['device'] }>({
    name: 'hold_devices',
    text: `select d.id, to_jsonb(d) as device from registry.device d
           where d.tenant_id = $1 and d.id = any ($2::uuid[]) order by d.id for update`,
    values: [tenantId, ids],
  });
  for (const { id, device } of devices.rows) {
    removed.set(id, { deviceId: id, device, hash: null, snapshot: null, claims: [], keys: [], facts: {} });
  }
  for (const { device_id, digest, kind } of claims.rows) removed.get(device_id)?.claims.push({ digest, kind });

  const keys = await client.query<{ device_id: string; key: string; kind: number }>({
    name: 'take_back_candidate_keys',
    text: 'select device_id, key, kind from registry.take_back_candidate_keys($1::uuid[])',
    values: [ids],
  });
  for (const { device_id, key, kind } of keys.rows) removed.get(device_id)?.keys.push({ key, kind });

  await takeFacts(client, tenantId, ids, removed);
  const snapshots = await client.query<{ device_id: string; enrolled: Buffer; confirmed: Buffer | null }>({
    name: 'remove_snapshots',
    text: `delete from registry.device_snapshot where tenant_id = $1 and device_id = any ($2::uuid[])
           returning device_id, enrolled, confirmed`,
    values: [tenantId, ids],
  });
  for (const { device_id, ...snapshot } of snapshots.rows) {
    const registration = removed.get(device_id);
    if (registration !== undefined) registration.snapshot = snapshot;
  }
  const hashes = await client.query<{ device_id: string; sealed: Buffer; original_length: number }>({
    name: 'remove_hashes',
    text: `delete from registry.device_hash where tenant_id = $1 and device_id = any ($2::uuid[])
           returning device_id, sealed, original_length`,
    values: [tenantId, ids],
  });
  for (const { device_id, sealed, original_length } of hashes.rows) {
    const registration = removed.get(device_id);
    if (registration !== undefined) registration.hash = { sealed, originalLength: original_length };
  }
  await client.query({
    name: 'remove_devices',
    text: 'delete from registry.device where tenant_id = $1 and id = any ($2::uuid[])',
    values: [tenantId, ids],
  });
  return [...removed.values()];
}

async function takeFacts(
  client: pg.PoolClient,
  tenantId: string,
  ids: string[],
  removed: Map<string, RemovedRegistration>,
): Promise<void> {
  for (const table of deviceFactTables) {
    const { rows } = await client.query<{ device_id: string; fact: Record<string, unknown> }>({
      name: `remove_${table}`,
      text: `delete from registry.${table} f where f.tenant_id = $1 and f.device_id = any ($2::uuid[])
             returning f.device_id, to_jsonb(f) as fact`,
      values: [tenantId, ids],
    });
    for (const { device_id, fact } of rows) {
      const facts = removed.get(device_id)?.facts;
      if (facts !== undefined) (facts[table] ??= []).push(fact);
    }
  }
}
