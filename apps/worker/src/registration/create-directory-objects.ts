import { physicalIdsOf, platformOfManagement, type Verdict } from '@groundcrew/domain';
import {
  keepManagedFacts,
  loadAwaiting,
  markDirectoryAccepted,
  settleChunk,
  tenantKindOf,
  type AwaitingDevice,
  type Sealer,
} from '@groundcrew/persistence/without-orm';
import type { DirectoryObservation, ManagedDevice, ManagementPort } from '@groundcrew/subsystems';
import type { ChunkReference } from '@groundcrew/workflows';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { lookUntil } from '../neighbours/look-until.js';
import { notWorkedThrough, requestKey, waitingIn, type DirectoryStepTools } from './directory-step.js';
import { displayNameOf, whyRefused } from './refuse-joined.js';

export interface DirectoryTools extends DirectoryStepTools {
  management: ManagementPort;
  sealer: Sealer;
}

const step = 'precreate_directory_object';

/**
 * Both acts on a chunk's directory objects, one after the other. Each of them finds what it did before.
 *
 * @param known the devices that wait for them, where they have just been registered: they need not be read again
 */
export async function createDirectoryObjects(
  tools: DirectoryTools,
  chunk: ChunkReference,
  known: AwaitingDevice[] | null,
): Promise<void> {
  const awaiting = await requestDirectoryObjects(tools, chunk, known);
  if (awaiting !== null) await settle(tools, chunk, awaiting);
}

/** Asks the directory for a chunk's objects. @returns the devices that wait for them; null where none do any more */
export async function requestDirectoryObjects(
  tools: DirectoryTools,
  chunk: ChunkReference,
  known: AwaitingDevice[] | null = null,
): Promise<AwaitingDevice[] | null> {
  const { pool, directory } = tools;
  const awaiting = known ?? (await loadAwaiting(pool, chunk));
  if (awaiting === null) return null;
  const note = waitingIn(step, pool, chunk);
  await askNeighbour(note, () => declareSchool(tools, chunk));
  await askNeighbour(note, () => tagJoinedObjects(tools, chunk, awaiting));
  await askNeighbour(note, () =>
    directory.preCreate(requestKey(step, chunk), chunk.tenantId, awaiting.map(toObjectRequest)),
  );
  await markDirectoryAccepted(pool, chunk);
  return awaiting;
}

/** Reads a chunk's objects back, and gives each of its rows the verdict. */
export async function observeDirectoryObjects(tools: DirectoryTools, chunk: ChunkReference): Promise<void> {
  const awaiting = await loadAwaiting(tools.pool, chunk);
  if (awaiting !== null) await settle(tools, chunk, awaiting);
}

async function settle(tools: DirectoryTools, chunk: ChunkReference, awaiting: AwaitingDevice[]): Promise<void> {
  const { objects, refused } = await watchDirectory(tools, chunk, awaiting);
  const why = await whyRefused(tools, chunk, awaiting, refused, waitingIn(step, tools.pool, chunk));
  await settleChunk(tools.pool, chunk, { objects, refused: why }, tools.sealer);
}

/**
 * A device that was enrolled before it was registered has joined with an object of its own: that one is tagged, and its join stays. The
 * directory does this first, and then finds that the registration has its object.
 */
async function tagJoinedObjects(tools: DirectoryTools, chunk: ChunkReference, awaiting: AwaitingDevice[]) {
  const serialNumbers = awaiting.flatMap((device) => (device.automatic ? (device.serialNumber ?? []) : []));
  if (serialNumbers.length === 0) return;
  const enrolled = await tools.management.read(chunk.tenantId, { serialNumbers });
  const known = awaiting.flatMap((device) => {
    const own = enrolled.filter((each) => each.serialNumber === device.serialNumber && each.directoryObjectId !== null);
    // Two that say the same serial number are not told apart here: the directory refuses what would be wrong.
    return own.length !== 1 ? [] : [{ device, managed: own[0]! }];
  });
  const facts = known.map(({ device: { deviceId }, managed }) => ({ deviceId, ...managedFactsOf(managed) }));
  await keepManagedFacts(tools.pool, chunk.tenantId, facts);
  const tags = known.map(({ device, managed }) => ({
    registrationId: device.deviceId,
    objectId: managed.directoryObjectId!,
    physicalIds: expectedIds(device),
  }));
  if (tags.length > 0) await tools.directory.tag(requestKey('tag_directory_object', chunk), chunk.tenantId, tags);
}

/** A school's devices enrol as the school's: management hears so before the first of them can. */
async function declareSchool({ pool, management }: DirectoryTools, chunk: ChunkReference) {
  if ((await tenantKindOf(pool, chunk.tenantId)) === 'school')
    await management.setOwnership(requestKey('set_ownership', chunk), chunk.tenantId, 'school');
}

/** What management says of an enrolled device's platform. */
export function managedFactsOf({ os, deviceType }: ManagedDevice) {
  return platformOfManagement({ ...os, deviceType });
}

function toObjectRequest(device: AwaitingDevice) {
  return {
    registrationId: device.deviceId,
    displayName: displayNameOf(device),
    serialNumber: device.serialNumber,
    physicalIds: expectedIds(device),
  };
}

function expectedIds(device: AwaitingDevice): string[] {
  return physicalIdsOf({
    registrationId: device.deviceId,
    groupTag: device.groupTag,
    purchaseOrder: device.purchaseOrder,
  });
}

/** Looks until every object is there with its physicalIds or refused. */
function watchDirectory(
  { pool, directory, observePatienceMs }: DirectoryTools,
  chunk: ChunkReference,
  awaiting: AwaitingDevice[],
) {
  const ids = awaiting.map((device) => device.deviceId);
  return lookUntil({ patienceMs: observePatienceMs, note: waitingIn(step, pool, chunk) }, async () => {
    const seen = await directory.observe(requestKey(step, chunk), chunk.tenantId, ids);
    const { settled, missing } = compare(awaiting, seen);
    if (missing === 0) return { seen: settled };
    return {
      missing: seen.applied ? `${missing} of ${ids.length} directory objects are missing or differ` : notWorkedThrough,
    };
  });
}

function compare(awaiting: AwaitingDevice[], seen: DirectoryObservation) {
  const objects = new Map<string, string>();
  const refused = new Map<string, Verdict>();
  for (const { registrationId, reason } of seen.refusals)
    if (reason === 'already_joined') refused.set(registrationId, reason);
  const observed = new Map(seen.objects.map((object) => [object.registrationId, object]));
  for (const device of awaiting) {
    const object = observed.get(device.deviceId);
    if (object === undefined) continue;
    if (expectedIds(device).every((id) => object.physicalIds.includes(id)))
      objects.set(device.deviceId, object.objectId);
  }
  const missing = awaiting.filter(({ deviceId }) => !objects.has(deviceId) && !refused.has(deviceId)).length;
  return { settled: { objects, refused }, missing };
}
