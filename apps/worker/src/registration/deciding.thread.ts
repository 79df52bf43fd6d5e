import type { Candidate } from '@groundcrew/persistence/without-orm';
import { createSealer } from '@groundcrew/persistence/without-database';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import { workerData, type MessagePort } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { NamedRow, Resolution } from '../makers/names-on-file.js';
import { decideRows, type ChunkFacts } from './decide-chunk.js';
import { createDigests } from './digests.js';
import { DecisionPacker } from './decision-packer.js';
import { buffersOf, type PackedDecision } from './packed-decision.js';

/** The instance's keys, as the thread is given them. */
export interface DecisionKeys {
  sealing: Uint8Array;
  identity: Uint8Array;
}

/** One chunk to decide. */
export interface DecisionTask {
  chunk: ChunkFacts;
  /** Its rows, sealed: opened, and handed back open. */
  body: Uint8Array;
  /** What they are sealed for. */
  context: string;
  nowMs: number;
  /** Where rows that name their device are sent, and answered with what the makers' uploads know of them. */
  names: MessagePort;
}

export interface DecidedTask {
  decision: PackedDecision;
  body: Uint8Array;
}

// Whoever waits for an answer, or has a device to register, goes first. On Linux this is the thread's own, elsewhere the process's.
if (process.platform === 'linux') setPriority(Math.min(getPriority() + 5, 19));

const keys = workerData as DecisionKeys;
const sealer = createSealer(keys.sealing);
const digests = createDigests(keys.identity);

/** Decides a chunk in a thread of its own: see `DecisionThread`. */
export default async function decide({ chunk, body, context, nowMs, names }: DecisionTask): Promise<DecidedTask> {
  const sealed = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const open = sealer.openInPlace(sealed, context);
  const resolve = async (rows: readonly NamedRow[]): Promise<Resolution[]> => {
    if (rows.length === 0) return [];
    names.postMessage(rows);
    const [answer] = (await once(names, 'message')) as [Resolution[] | null];
    if (answer === null) throw new Error('the rows that name their device could not be looked up');
    return answer;
  };
  try {
    const packer = new DecisionPacker(chunk.lineCount);
    const keep = (candidate: Candidate): void => packer.add(candidate);
    const { rejected, corrected } = await decideRows(chunk, open, { sealer, digests, nowMs }, resolve, keep);
    return moved({ decision: packer.finish(rejected, corrected), body: open });
  } finally {
    names.close();
  }
}

/** Hands over the buffers with the answer. */
function moved(decided: DecidedTask): DecidedTask {
  const buffers = [...buffersOf(decided.decision), decided.body.buffer as ArrayBuffer];
  return move({ [transferableSymbol]: buffers, [valueSymbol]: decided } as never) as unknown as DecidedTask;
}
