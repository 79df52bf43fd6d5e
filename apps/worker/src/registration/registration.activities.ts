import type { Digests } from '@groundcrew/matching';
import {
  closeRun,
  fileChunk,
  loadOpenChunk,
  openRun,
  partContext,
  registerChunk,
  releaseBody,
  takeBackChunk,
  type OpenChunk,
} from '@groundcrew/persistence';
import type { ChunkReference, RegistrationOrderActivities } from '@groundcrew/workflows';
import { resolveSurfaceRows } from '../cases/resolve-surface-rows.js';
import { decideHardwareReport } from '../makers/decide-hardware-report.js';
import type { NamedRow } from '../makers/names-on-file.js';
import { resolveNamedRows } from '../makers/resolve-on-file.js';
import { keepAlive } from '../temporal/keep-alive.js';
import {
  createDirectoryObjects,
  observeDirectoryObjects,
  requestDirectoryObjects,
  type DirectoryTools,
} from './create-directory-objects.js';
import { decideChunk } from './decide-chunk.js';
import { DecisionTurns } from './decision-turns.js';
import { readRows, type PartFormat } from './read-rows.js';
import { joinedAlready, refusePersonal } from './refuse-joined.js';
import { releaseDirectoryObjects, watchRelease } from './release-directory-objects.js';

export interface RegistrationTools extends DirectoryTools {
  digests: Digests;
}

const nothing = { candidates: [], rejected: [] };

/** What the workflow of a registration order needs, on a real registry and a real directory. */
export function createRegistrationActivities(tools: RegistrationTools): RegistrationOrderActivities {
  const { pool } = tools;
  const turns = new DecisionTurns();
  return {
    openRun: (run) => keepAlive(() => openRun(pool, run)),

    registerChunk: (chunk) =>
      keepAlive(async () => {
        const open = await loadOpenChunk(pool, chunk);
        // Nothing to decide any more: the fence tells how many devices still wait, and the next activities see to them.
        if (open === null) return { awaiting: await registerChunk(pool, chunk, nothing, tools.sealer) };
        const awaiting = await registerOpened({ ...tools, turns }, chunk, open);
        if (awaiting > 0) await createDirectoryObjects(tools, chunk);
        return { awaiting: 0 };
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

type DecidingTools = RegistrationTools & { turns: DecisionTurns };

/** Decides and registers the rows of a part. @returns how many devices wait for their directory object */
async function registerOpened(tools: DecidingTools, chunk: ChunkReference, open: OpenChunk): Promise<number> {
  const body = tools.sealer.openInPlace(open.sealedBody, partOf(chunk));
  // The part's bytes are looked at until its rows are written, those that failed among them.
  try {
    return await registerRows(tools, chunk, open, body);
  } finally {
    releaseBody(open);
  }
}

async function registerRows(
  tools: DecidingTools,
  chunk: ChunkReference,
  open: OpenChunk,
  body: Buffer,
): Promise<number> {
  const { pool, turns } = tools;
  const now = { ...tools, nowMs: Date.now() };
  if (open.kind === 'hardware_report') {
    await fileChunk(pool, chunk, decideHardwareReport(chunk.tenantId, open, body, now));
    return 0;
  }
  const resolve = (rows: readonly NamedRow[]) =>
    open.kind === 'surface_case'
      ? resolveSurfaceRows(pool, rows, (whole) => resolveNamedRows(pool, whole, now))
      : resolveNamedRows(pool, rows, now);
  const decided = await turns.take(open.lineCount, () => decideChunk(open, body, now, resolve));
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
