import type pg from 'pg';
import { assignDevicesOfRun } from '../assignment/assign-devices-of-run.js';
import { askOf } from '../bulk/ask-of.js';
import { freeDevices, reserveDevices } from '../exclusion/device-reservations.js';
import { holdTenant } from '../registration/hold-authority.js';
import { noteStep, requestStep } from '../registration/chunk-steps.js';
import type { ChunkKey } from '../registration/open-chunk.js';
import { recordProgress } from '../registration/progress.js';
import { removeRegistrations } from '../registration/remove-registrations.js';
import type { SettledDirectory } from '../registration/settle-chunk.js';
import { claimAgain, registerAgain, type Refused } from '../restore/restore-chunk.js';
import { countAgainstConsents } from './count-against-consents.js';
import { countTakenBack } from './removal-steps.js';

/** A chunk whose devices a cancelled run took away, held by the caller. */
interface TakenAway {
  device_ids: string[];
}

const step = 'register_again';

/**
 * Registers again what a cancelled run took away in one chunk, as it was, in the caller's transaction. What somebody else claims by now
 * went forward: it stays away, and a step of its own says why. The directory is asked for the objects next.
 *
 * @returns how many devices now wait for their directory object
 */
export async function putBackChunk(client: pg.PoolClient, key: ChunkKey, chunk: TakenAway): Promise<number> {
  const { rows } = await client.query<{ id: string }>({
    name: 'hold_taken_away',
    text: `select device_id as id from registry.removed_registration
           where tenant_id = $1 and run_id = $2 and device_id = any ($3::uuid[]) order by device_id for update`,
    values: [key.tenantId, key.runId, chunk.device_ids],
  });
  const kept = rows.map((row) => row.id);
  const here = await holdTenant(client, key.tenantId);
  const asked = here.ok ? kept : [];
  await countAgainstConsents(client, key.tenantId, 'archived', asked, 1);
  const run = { runId: key.runId, tenantId: key.tenantId, kind: 'restore' as const };
  const held = (await reserveDevices(askOf(client), run, asked)).map((each) => each.deviceId);
  const free = asked.filter((id) => !held.includes(id));
  const lost = await claimAgain(client, free);
  const gone = new Set(lost.map(({ deviceId }) => deviceId));
  const back = free.filter((id) => !gone.has(id));
  await registerAgain(client, key, back);
  await countAgainstConsents(client, key.tenantId, 'archived', [...held, ...gone], -1);
  await freeDevices(askOf(client), run, [...gone]);
  await client.query({
    name: 'chunk_put_back',
    text: 'update registry.run_chunk set state = $3, device_ids = $4 where run_id = $1 and number = $2',
    values: [key.runId, key.chunk, back.length === 0 ? 'put_back' : 'restoring', back],
  });
  await noteStep(client, key, step, back.length);
  await requestStep(client, key, 'precreate_directory_object', back.length);
  await sayWentForward(client, key, [
    ...lost,
    ...held.map((deviceId) => forward(deviceId, 'busy', 'Another run is working on the hardware.')),
    ...(here.ok ? [] : kept.map((deviceId) => forward(deviceId, 'withheld', 'The tenant has left.'))),
  ]);
  await recordProgress(client, key, {
    counts: {},
    event: { kind: 'chunk.registered_again', data: { chunk: key.chunk, devices: back.length } },
    audit: { action: 'devices.register_again', data: { chunk: key.chunk, devices: back.length } },
  });
  return back.length;
}

/** The directory was seen with the objects again: what has its object is put back, whom the directory refuses is taken out again. */
export async function settlePutBack(
  client: pg.PoolClient,
  key: ChunkKey,
  devices: readonly string[],
  directory: SettledDirectory,
): Promise<void> {
  const back = devices.filter((id) => directory.objects.has(id));
  const refused = devices.filter((id) => !directory.objects.has(id));
  await countAgainstConsents(client, key.tenantId, 'registered', refused, -1);
  await removeRegistrations(client, key.tenantId, refused);
  await client.query({
    name: 'objects_of_put_back',
    text: `insert into registry.device_directory_object (tenant_id, device_id, object_id)
           select $1, w.device, w.object from unnest($2::uuid[], $3::uuid[]) as w (device, object)`,
    values: [key.tenantId, back, back.map((id) => directory.objects.get(id))],
  });
  await client.query({
    name: 'mark_put_back',
    text: `update registry.run_item i set taken_back_at = clock_timestamp()
           from registry.run_chunk c
           where c.run_id = $1 and c.number = $2 and i.run_id = $1 and i.line = any (c.lines) and i.verdict = 'removed'
             and (i.detail->>'deviceId')::uuid = any ($3::uuid[])`,
    values: [key.runId, key.chunk, back],
  });
  await sayWentForward(
    client,
    key,
    refused.map((id) => forward(id, directory.refused.get(id) ?? 'already_joined', 'The directory refuses it.')),
  );
  await freeDevices(askOf(client), { runId: key.runId, tenantId: key.tenantId }, devices);
  await client.query({
    name: 'chunk_is_put_back',
    text: `update registry.run_chunk set state = 'put_back' where run_id = $1 and number = $2`,
    values: [key.runId, key.chunk],
  });
  await countTakenBack(client, key.runId, { putBack: back.length });
  await assignDevicesOfRun(client, key, 'restore', back);
  await recordProgress(client, key, {
    counts: {},
    event: { kind: 'chunk.put_back', data: { chunk: key.chunk, devices: back.length, refused: refused.length } },
    audit: { action: 'devices.put_back', data: { chunk: key.chunk, devices: back.length, refused: refused.length } },
  });
}

function forward(deviceId: string, verdict: Refused['verdict'], message: string): Refused {
  return { deviceId, verdict, message };
}

/** These stay away: each with a step of its own, and the reason. */
async function sayWentForward(client: pg.PoolClient, key: ChunkKey, refused: readonly Refused[]): Promise<void> {
  if (refused.length === 0) return;
  await client.query({
    name: 'step_went_forward',
    text: `insert into registry.run_step (run_id, step, chunk, device_id, tenant_id, state, devices, attempts, accepted_at, detail)
           select $1, '${step}', $2, w.device, $3, 'refused', 1, 1, clock_timestamp(),
             jsonb_build_object('reason', w.reason, 'message', w.message)
           from unnest($4::uuid[], $5::text[], $6::text[]) as w (device, reason, message)`,
    values: [
      key.runId,
      key.chunk,
      key.tenantId,
      refused.map(({ deviceId }) => deviceId),
      refused.map(({ verdict }) => verdict),
      refused.map(({ message }) => message),
    ],
  });
}
