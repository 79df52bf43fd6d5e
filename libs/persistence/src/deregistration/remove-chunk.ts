import { deregistrationStrategies, type DeregistrationPath } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { removeRegistrations, type RemovedRegistration } from '../registration/remove-registrations.js';
import { archiveRegistrations } from '../restore/archive-registrations.js';
import { authorizeRemoval } from './authorize-removal.js';
import type { LedgerDevice, StepOutcome } from './ledger-device.js';
import { settle } from './settle-step.js';
import { isCancelled, lockDue, requestDue } from './step-store.js';

/** Thrown to undo the transaction in which the cancel was seen too late. */
class CancelledFirst extends Error {}

/**
 * The line: takes the registrations of the chunk away, archives them, and writes down that they were, in one transaction. The run
 * row is held last, so a cancel either came before, and then nothing was taken away, or comes after.
 */
export async function removeChunk(pool: pg.Pool, key: ChunkKey): Promise<{ cancelled: boolean }> {
  const step = { ...key, step: 'remove_registration' as const };
  try {
    return await inTenant(pool, key.tenantId, async (client) => {
      if (await isCancelled(client, key.runId)) return { cancelled: true };
      const due = await lockDue(client, step, false);
      if (due.length === 0) return { cancelled: false };
      const withheld = await authorizeRemoval(client, key);
      if (withheld !== null) {
        const devices = await requestDue(client, step, due);
        await settle(client, step, devices, new Map(devices.map(({ deviceId }) => [deviceId, withheld])));
        return { cancelled: false };
      }
      const ids = due.map((row) => row.device_id);
      const removed = await removeRegistrations(client, key.tenantId, ids);
      // The run's row is wanted by everybody: what refers to it comes after what has to be waited for.
      const devices = await requestDue(client, step, due);
      await archive(client, key, devices, removed);
      await markCrossed(client, key, ids);
      const gone = new Set(removed.map(({ deviceId }) => deviceId));
      const outcomes = new Map<string, StepOutcome>(
        ids.map((id) => [id, { kind: 'done', answeredBy: 'registry', note: gone.has(id) ? null : 'already absent' }]),
      );
      await settle(client, step, devices, outcomes);
      if (await isCancelled(client, key.runId)) throw new CancelledFirst();
      return { cancelled: false };
    });
  } catch (error) {
    if (error instanceof CancelledFirst) return { cancelled: true };
    throw error;
  }
}

async function archive(
  client: pg.PoolClient,
  key: ChunkKey,
  devices: readonly LedgerDevice[],
  removed: readonly RemovedRegistration[],
): Promise<void> {
  if (removed.length === 0) return;
  await archiveRegistrations(client, key, removed, new Map(devices.map((device) => [device.deviceId, device])));
  const path = await client.query<{ path: DeregistrationPath }>(
    'select path from registry.deregistration where run_id = $1',
    [key.runId],
  );
  if (!deregistrationStrategies[path.rows[0]!.path].optsOut) return;
  await client.query({
    text: `insert into registry.opted_out_device (tenant_id, device_id, serial_number, manufacturer, model, run_id)
           select r.tenant_id, r.device_id, r.device ->> 'serial_number', r.device ->> 'manufacturer', r.device ->> 'model', r.run_id
           from registry.removed_registration r where r.tenant_id = $1 and r.run_id = $2 and r.device_id = any ($3::uuid[])
           on conflict (tenant_id, device_id) do nothing`,
    values: [key.tenantId, key.runId, removed.map((each) => each.deviceId)],
  });
}

async function markCrossed(client: pg.PoolClient, key: ChunkKey, ids: readonly string[]): Promise<void> {
  await client.query({
    text: `update registry.deregistration_device set crossed_at = clock_timestamp()
           where run_id = $1 and device_id = any ($2::uuid[]) and crossed_at is null`,
    values: [key.runId, ids],
  });
}
