import { foldDevice, isTargeted, whyNoCandidate, type ConversionTarget } from '@groundcrew/domain';
import {
  findRegisteredAmong,
  findRegistrations,
  hasChangedHardware,
  keepManagedFacts,
  listActiveTenants,
  loadConversionTargets,
  submitCandidates,
  type Sealer,
} from '@groundcrew/persistence/without-orm';
import type { ManagedDevice, ManagementPort } from '@groundcrew/subsystems';
import type { Digests } from '@groundcrew/matching';
import type { AutomaticRegistrationActivities, ConversionPage } from '@groundcrew/workflows';
import type pg from 'pg';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { lookUntil, toldByTheFailure } from '../neighbours/look-until.js';
import { managedFactsOf } from '../registration/create-directory-objects.js';
import { noteEnrolled } from '../neighbours/note-enrolled.js';
import { keepAlive } from '../temporal/keep-alive.js';
import { judgeAnswers, suspectsAmong } from './ask-again.js';

export interface ConversionTools {
  pool: pg.Pool;
  management: ManagementPort;
  sealer: Sealer;
  digests: Digests;
  /** How long one attempt waits for devices to answer before it makes room for others, in milliseconds. */
  observePatienceMs: number;
}

const tenantsAtOnce = 20;
const devicesAtOnce = 1_000;
const nextAttemptMs = 5_000;

/** What automatic registration needs, on the real registry and the real management. */
export function createConversionActivities(tools: ConversionTools): AutomaticRegistrationActivities {
  return {
    findConvertingTenants: (after) =>
      keepAlive(async () => {
        const active = await listActiveTenants(tools.pool, after, tenantsAtOnce);
        const tenants: string[] = [];
        for (const tenantId of active)
          if (
            (await loadConversionTargets(tools.pool, tenantId)).length > 0 ||
            (await hasChangedHardware(tools.pool, tenantId))
          )
            tenants.push(tenantId);
        return { tenants, next: active.length === tenantsAtOnce ? active.at(-1)! : null };
      }),
    // There is no run yet in which to say what is waited for.
    convertDevices: (page) => keepAlive(() => askNeighbour(toldByTheFailure, () => convertDevices(tools, page))),
  };
}

/** Asks the candidates of a page for their hashes and makes a registration run of what they answer. */
export async function convertDevices(tools: ConversionTools, page: ConversionPage): Promise<{ next: string | null }> {
  const { pool, management } = tools;
  const { tenantId, turn, after } = page;
  const targets = await loadConversionTargets(pool, tenantId);
  if (targets.length === 0 && !(await hasChangedHardware(pool, tenantId))) return { next: null };
  const { items, next } = await management.list(tenantId, {
    limit: devicesAtOnce,
    ...(after !== null && { after }),
  });
  await followPlatforms(pool, tenantId, items);
  const suspects = await suspectsAmong(pool, tenantId, items);
  const candidates = await candidatesAmong(pool, tenantId, targets, items);
  const asked = [...candidates, ...suspects.map(({ managedDeviceId }) => managedDeviceId)];
  if (asked.length === 0) return { next };

  // All tenants are asked in the same turn, and a neighbour knows a request by its key alone.
  const request = `automatic/${turn}/${tenantId}/request_hashes/${after ?? 'first'}`;
  await management.requestHashes(request, tenantId, asked);
  await answered(tools, request, tenantId);
  const answers = await management.readHashes(tenantId, asked);
  await judgeAnswers(tools, tenantId, suspects, answers);
  const hashes = answers.filter(({ managedDeviceId }) => candidates.includes(managedDeviceId));
  if (hashes.length > 0) {
    const lines = hashes.map(({ hardwareHash }) => JSON.stringify({ hardwareIdentifier: hardwareHash }));
    await submitCandidates(pool, tools.sealer, tenantId, request, lines);
  }
  return { next };
}

/** What management says of devices that are registered may have changed since: a Windows 10 becomes a Windows 11. */
async function followPlatforms(pool: pg.Pool, tenantId: string, devices: readonly ManagedDevice[]): Promise<void> {
  const facts = devices.flatMap((device) =>
    device.registrationId === null ? [] : [{ deviceId: device.registrationId, ...managedFactsOf(device) }],
  );
  await keepManagedFacts(pool, tenantId, facts);
  await noteEnrolled(pool, tenantId, devices);
}

async function candidatesAmong(
  pool: pg.Pool,
  tenantId: string,
  targets: readonly ConversionTarget[],
  devices: readonly ManagedDevice[],
): Promise<string[]> {
  const registrationIds = devices.flatMap((device) => device.registrationId ?? []);
  const serialNumbers = devices.flatMap((device) => device.serialNumber ?? []);
  const registered = await findRegisteredAmong(pool, tenantId, registrationIds, serialNumbers);
  const { busy, optedOut } = await findRegistrations(pool, tenantId, registrationIds, serialNumbers);
  return devices
    .filter((device) => {
      const ids = [device.registrationId, device.serialNumber].flatMap((id) => id ?? []);
      if (ids.some((id) => busy.has(id))) return false;
      const { os, ownership, retirePending } = device;
      const facts = { osFamily: os.family, osVersion: os.version, ownership, retirePending };
      const isRegistered = ids.some((id) => registered.has(id));
      const said = ids.some((id) => optedOut.has(id));
      return whyNoCandidate(facts, isRegistered, said) === null && isTargeted(targets, asRulesSee(device));
    })
    .map((device) => device.managedDeviceId);
}

/** What a group's rule may ask about a device that is not registered yet. */
function asRulesSee(device: ManagedDevice) {
  return foldDevice({
    registrationId: '',
    groupTag: null,
    purchaseOrder: null,
    serialNumber: device.serialNumber,
    displayName: device.serialNumber,
    manufacturer: device.manufacturer,
    model: device.model,
    osFamily: null,
    deviceType: null,
  });
}

function answered({ management, observePatienceMs }: ConversionTools, key: string, tenantId: string) {
  return lookUntil({ patienceMs: observePatienceMs, note: toldByTheFailure, nextAttemptMs }, async () => {
    const { applied } = await management.observe(key, tenantId);
    return applied ? { seen: true } : { missing: 'devices have not answered with their hashes yet' };
  });
}
