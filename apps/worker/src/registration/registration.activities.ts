import { physicalIdsOf, platformOfManagement, type Verdict } from '@groundcrew/domain';
import type { Digests } from '@groundcrew/matching';
import {
  closeRun,
  fileChunk,
  keepManagedFacts,
  loadAwaiting,
  loadOpenChunk,
  markDirectoryAccepted,
  noteWait,
  openRun,
  partContext,
  registerChunk,
  settleChunk,
  takeBackChunk,
  releaseBody,
  tenantKindOf,
  type AwaitingDevice,
  type OpenChunk,
  type Sealer,
} from '@groundcrew/persistence';
import type { DirectoryObservation, DirectoryPort, ManagedDevice, ManagementPort } from '@groundcrew/subsystems';
import type { ChunkReference, RegistrationOrderActivities } from '@groundcrew/workflows';
import type pg from 'pg';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { lookUntil } from '../neighbours/look-until.js';
import { keepAlive } from '../temporal/keep-alive.js';
import { decideHardwareReport } from '../makers/decide-hardware-report.js';
import { resolveSurfaceRows } from '../cases/resolve-surface-rows.js';
import { resolveNamedRows } from '../makers/resolve-on-file.js';
import { decideChunk } from './decide-chunk.js';
import { readRows, type PartFormat } from './read-rows.js';
import { displayNameOf, joinedAlready, refusePersonal, whyRefused } from './refuse-joined.js';
import { notWorkedThrough, releaseDirectoryObjects, watchRelease } from './release-directory-objects.js';

export interface RegistrationTools {
  pool: pg.Pool;
  directory: DirectoryPort;
  management: ManagementPort;
  sealer: Sealer;
  digests: Digests;
  /** How long one attempt watches for directory objects, in milliseconds. */
  observePatienceMs: number;
}

const step = 'precreate_directory_object';
const nothing = { candidates: [], rejected: [] };

/** What the workflow of a registration order needs, on a real registry and a real directory. */
export function createRegistrationActivities(tools: RegistrationTools): RegistrationOrderActivities {
  const { pool, directory } = tools;
  return {
    openRun: (run) => keepAlive(() => openRun(pool, run)),

    registerChunk: (chunk) =>
      keepAlive(async () => {
        const open = await loadOpenChunk(pool, chunk);
        // Nothing to decide any more: the fence tells how many devices still wait.
        if (open === null) return { awaiting: await registerChunk(pool, chunk, nothing, tools.sealer) };
        const body = tools.sealer.openInPlace(open.sealedBody, partOf(chunk));
        // The part's bytes are looked at until its rows are written, those that failed among them.
        try {
          return { awaiting: await registerRows(tools, chunk, open, body) };
        } finally {
          releaseBody(open);
        }
      }),

    preCreateDirectoryObjects: (chunk) =>
      keepAlive(async () => {
        const awaiting = await loadAwaiting(pool, chunk);
        if (awaiting === null) return;
        await askNeighbour(waiting(pool, chunk), () => declareSchool(tools, chunk));
        await askNeighbour(waiting(pool, chunk), () => tagJoinedObjects(tools, chunk, awaiting));
        await askNeighbour(waiting(pool, chunk), () =>
          directory.preCreate(requestKey(chunk), chunk.tenantId, awaiting.map(toObjectRequest)),
        );
        await markDirectoryAccepted(pool, chunk);
      }),

    settleChunk: (chunk) =>
      keepAlive(async () => {
        const awaiting = await loadAwaiting(pool, chunk);
        if (awaiting === null) return;
        const { objects, refused } = await watchDirectory(tools, chunk, awaiting);
        const why = await whyRefused(tools, chunk, awaiting, refused, waiting(pool, chunk));
        await settleChunk(pool, chunk, { objects, refused: why }, tools.sealer);
      }),

    takeBackChunk: (chunk) =>
      keepAlive(async () => {
        const open = await loadOpenChunk(pool, chunk);
        const unreached = open === null ? [] : linesOf(open, tools.sealer.open(open.sealedBody, partOf(chunk)));
        return await takeBackChunk(pool, chunk, unreached, tools.sealer);
      }),

    releaseDirectoryObjects: (chunk) => keepAlive(() => releaseDirectoryObjects(tools, chunk)),

    settleRelease: (chunk) => keepAlive(() => watchRelease(tools, chunk)),

    closeRun: (run) => keepAlive(() => closeRun(pool, run)),
  };
}

async function registerRows(tools: RegistrationTools, chunk: ChunkReference, open: OpenChunk, body: Buffer) {
  const { pool } = tools;
  const now = { ...tools, nowMs: Date.now() };
  if (open.kind === 'hardware_report') {
    await fileChunk(pool, chunk, decideHardwareReport(chunk.tenantId, open, body, now));
    return 0;
  }
  const decided = await decideChunk(open, body, now, (rows) =>
    open.kind === 'surface_case'
      ? resolveSurfaceRows(pool, rows, (whole) => resolveNamedRows(pool, whole, now))
      : resolveNamedRows(pool, rows, now),
  );
  const decision = await refusePersonal(tools, chunk, open.kind, decided);
  // A registration hears it from the directory afterwards; nothing is asked of it where only verdicts are wanted.
  if (open.validateOnly) decision.joined = await joinedAlready(tools, chunk, decision.candidates);
  return await registerChunk(pool, chunk, decision, tools.sealer);
}

const partOf = ({ runId, chunk }: ChunkReference) => partContext(runId, chunk);

/** The lines of a part, each of which is a row that wants a verdict. */
function linesOf(chunk: PartFormat, body: Buffer): number[] {
  return Array.from(readRows(body, chunk), ({ line }) => line);
}

/**
 * A device that was enrolled before it was registered has joined with an object of its own: that one is tagged, and its join stays. The
 * directory does this first, and then finds that the registration has its object.
 */
async function tagJoinedObjects(tools: RegistrationTools, chunk: ChunkReference, awaiting: AwaitingDevice[]) {
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
  if (tags.length > 0)
    await tools.directory.tag(`${chunk.runId}/tag_directory_object/${chunk.chunk}`, chunk.tenantId, tags);
}

/** A school's devices enrol as the school's: management hears so before the first of them can. */
async function declareSchool({ pool, management }: RegistrationTools, { runId, tenantId, chunk }: ChunkReference) {
  if ((await tenantKindOf(pool, tenantId)) === 'school')
    await management.setOwnership(`${runId}/set_ownership/${chunk}`, tenantId, 'school');
}

/** What management says of an enrolled device's platform. */
export function managedFactsOf({ os, deviceType }: ManagedDevice) {
  return platformOfManagement({ ...os, deviceType });
}

/** The same key for the same chunk, however often it is asked: the directory takes it once. */
function requestKey(chunk: ChunkReference): string {
  return `${chunk.runId}/${step}/${chunk.chunk}`;
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

/** Says in the chunk's step why it waits for the directory. */
function waiting(pool: pg.Pool, chunk: ChunkReference) {
  return (reason: string, nextTryMs: number) => noteWait(pool, chunk, { step, reason, nextTryMs });
}

/** Looks until every object is there with its physicalIds or refused. */
function watchDirectory(
  { pool, directory, observePatienceMs }: RegistrationTools,
  chunk: ChunkReference,
  awaiting: AwaitingDevice[],
) {
  const ids = awaiting.map((device) => device.deviceId);
  return lookUntil({ patienceMs: observePatienceMs, note: waiting(pool, chunk) }, async () => {
    const seen = await directory.observe(requestKey(chunk), chunk.tenantId, ids);
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
