import type { Digests } from '@groundcrew/matching';
import {
  closeRun,
  fileChunk,
  letGo,
  loadOpenChunk,
  openRun,
  partContext,
  registerChunk,
  takeBackChunk,
  type OpenChunk,
  type RegisteredChunk,
} from '@groundcrew/persistence/without-orm';
import type { ChunkReference, RegistrationOrderActivities } from '@groundcrew/workflows';
import { resolveSurfaceRows } from '../cases/resolve-surface-rows.js';
import { decideHardwareReport } from '../makers/decide-hardware-report.js';
import type { NamedRow, Resolution } from '../makers/names-on-file.js';
import { resolveNamedRows } from '../makers/resolve-on-file.js';
import { keepAlive } from '../temporal/keep-alive.js';
import {
  createDirectoryObjects,
  observeDirectoryObjects,
  requestDirectoryObjects,
  type DirectoryTools,
} from './create-directory-objects.js';
import type { ChunkDecider } from './decision-thread.js';
import { readRows, type PartFormat } from './read-rows.js';
import { joinedAlready, refusePersonal } from './refuse-joined.js';
import { releaseDirectoryObjects, watchRelease } from './release-directory-objects.js';

export interface RegistrationTools extends DirectoryTools {
  digests: Digests;
  decider: ChunkDecider;
}

const nothing = { candidates: [], rejected: [] };

/** What the workflow of a registration order needs, on a real registry and a real directory. */
export function createRegistrationActivities(tools: RegistrationTools): RegistrationOrderActivities {
  const { pool } = tools;
  return {
    openRun: (run) => keepAlive(() => openRun(pool, run)),

    registerChunk: (chunk) => keepAlive(async () => ({ awaiting: await registerAndCreate(tools, chunk) })),

    registerChunks: ({ first, last, ...run }) =>
      keepAlive(async (signal) => {
        const awaiting: number[] = [];
        for (let chunk = first; chunk <= last; chunk += 1) {
          if (signal.aborted) throw new Error('the worker stops; another one goes on with the chunks that are left');
          if ((await registerAndCreate(tools, { ...run, chunk })) > 0) awaiting.push(chunk);
        }
        return { awaiting };
      }),

    preCreateDirectoryObjects: (chunk) => keepAlive(async () => void (await requestDirectoryObjects(tools, chunk))),

    settleChunk: (chunk) => keepAlive(() => observeDirectoryObjects(tools, chunk)),

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

/** Registers a chunk and has its directory objects created, as far as it comes. @returns how many devices still wait for theirs */
async function registerAndCreate(tools: RegistrationTools, chunk: ChunkReference): Promise<number> {
  const open = await loadOpenChunk(tools.pool, chunk);
  // Nothing to decide any more: the fence tells how many devices still wait, and the next activities see to them.
  if (open === null) return (await registerChunk(tools.pool, chunk, nothing, tools.sealer)).awaiting;
  const { awaiting, devices } = await registerOpened(tools, chunk, open);
  if (awaiting > 0) await createDirectoryObjects(tools, chunk, devices);
  return 0;
}

/** Decides and registers the rows of a part. */
async function registerOpened(
  tools: RegistrationTools,
  chunk: ChunkReference,
  open: OpenChunk,
): Promise<RegisteredChunk> {
  if (open.kind === 'hardware_report') return await fileOpened(tools, chunk, open);
  const decided = await tools.decider.decide(open, partOf(chunk), (rows) => resolveRows(tools, open, rows));
  // The part's bytes are looked at until its rows are written, those that failed among them.
  try {
    const decision = await refusePersonal(tools, chunk, open.kind, decided);
    // A registration hears it from the directory afterwards; nothing is asked of it where only verdicts are wanted.
    if (open.validateOnly) decision.joined = await joinedAlready(tools, chunk, decision.candidates);
    return await registerChunk(tools.pool, chunk, decision, tools.sealer);
  } finally {
    letGo(decided.arrived.body);
  }
}

/** Keeps a maker's uploads on file: no device is registered by that. */
async function fileOpened(tools: RegistrationTools, chunk: ChunkReference, open: OpenChunk): Promise<RegisteredChunk> {
  const body = tools.sealer.openInPlace(open.sealedBody, partOf(chunk));
  try {
    const now = { ...tools, nowMs: Date.now() };
    await fileChunk(tools.pool, chunk, decideHardwareReport(chunk.tenantId, open, body, now));
    return { awaiting: 0, devices: null };
  } finally {
    letGo(body);
  }
}

function resolveRows(tools: RegistrationTools, { kind }: OpenChunk, rows: readonly NamedRow[]): Promise<Resolution[]> {
  return kind === 'surface_case'
    ? resolveSurfaceRows(tools.pool, rows, (whole) => resolveNamedRows(tools.pool, whole, tools))
    : resolveNamedRows(tools.pool, rows, tools);
}

const partOf = ({ runId, chunk }: ChunkReference) => partContext(runId, chunk);

/** The lines of a part, each of which is a row that wants a verdict. */
function linesOf(chunk: PartFormat, body: Buffer): number[] {
  return Array.from(readRows(body, chunk), ({ line }) => line);
}
