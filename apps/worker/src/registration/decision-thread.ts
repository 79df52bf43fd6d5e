import type { OpenChunk, Sealer } from '@groundcrew/persistence/without-orm';
import type { Digests } from '@groundcrew/matching';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { NamedRow, Resolution } from '../makers/names-on-file.js';
import { decideChunk, type ArrivedDecision } from './decide-chunk.js';
import type { DecidedTask, DecisionKeys, DecisionTask } from './deciding.thread.js';
import { unpackDecision } from './packed-decision.js';

/** Looks for rows that name their device among the makers' uploads. */
export type ResolveNames = (rows: readonly NamedRow[]) => Promise<Resolution[]>;

/** Decides the rows of a chunk that was loaded, and is still sealed. */
export interface ChunkDecider {
  /**
   * @param context what the chunk's body is sealed for
   * @returns the decision, with the rows as they arrived: the body is opened in place, and whoever has written them lets go of it
   */
  decide(chunk: OpenChunk, context: string, resolve: ResolveNames): Promise<ArrivedDecision>;
}

/** Decides where it is called, one slice of its event loop after the other. */
export function deciderHere(tools: { sealer: Sealer; digests: Digests }): ChunkDecider {
  return {
    async decide(chunk, context, resolve) {
      const body = tools.sealer.openInPlace(chunk.sealedBody, context);
      return await decideChunk(chunk, body, { ...tools, nowMs: Date.now() }, resolve);
    },
  };
}

/** So few rows are decided in a moment: whoever sends a device alone does not stand behind orders of thousands. */
const fewRows = 100;

/**
 * How large the thread's heap gets, in megabytes, where the process was not told for all of its heaps. It holds one chunk. The young part
 * is three half-spaces.
 */
const heap = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 24 };

/**
 * Decides chunks of an order in a thread of its own, one after the other: deciding takes a processor and nothing else, and leaves most of
 * what the collector finds. On a heap of its own that is cheap to find, and PostgreSQL gets one chunk while the next is decided.
 * A few rows are decided at once, and here.
 */
export class DecisionThread implements ChunkDecider {
  readonly #here: ChunkDecider;
  readonly #open: () => Piscina<DecisionTask, DecidedTask>;
  #pool: Piscina<DecisionTask, DecidedTask> | null = null;

  /** @param options.file the compiled thread, where this file is not compiled itself */
  constructor(
    keys: DecisionKeys,
    tools: { sealer: Sealer; digests: Digests },
    options: { file?: URL; heap?: typeof heap } = {},
  ) {
    this.#here = deciderHere(tools);
    this.#open = () => {
      const pool = new Piscina<DecisionTask, DecidedTask>({
        filename: fileURLToPath(options.file ?? new URL('./deciding.thread.js', import.meta.url)),
        workerData: keys,
        // One that dies is replaced at once: chunks may be waiting for it.
        minThreads: 1,
        maxThreads: 1,
        stricterFIFO: true,
        // The thread asks for named rows while it works, so it may not sleep on a lock.
        atomics: 'disabled',
        resourceLimits: options.heap ?? heap,
      });
      // A thread that dies while nobody waits for it is replaced as well, and that is all.
      pool.on('error', () => undefined);
      return pool;
    };
  }

  /** @throws Error where the thread fails, which the next chunk gets anew; what `resolve` throws */
  async decide(chunk: OpenChunk, context: string, resolve: ResolveNames): Promise<ArrivedDecision> {
    if (chunk.lineCount <= fewRows) return await this.#here.decide(chunk, context, resolve);
    const { sealedBody, ...facts } = chunk;
    const { port1: answers, port2: names } = new MessageChannel();
    const failed = answering(answers, resolve);
    const body = new Uint8Array(sealedBody.buffer, sealedBody.byteOffset, sealedBody.byteLength);
    const task = { chunk: facts, body, context, nowMs: Date.now(), names };
    // A small buffer may be a piece of one that others use: it is copied.
    const isOwn = sealedBody.buffer.byteLength > Buffer.poolSize;
    const transferList = isOwn ? [names, sealedBody.buffer as ArrayBuffer] : [names];
    try {
      this.#pool ??= this.#open();
      const decided = await this.#pool.run(task, { transferList });
      const { buffer, byteOffset, byteLength } = decided.body;
      const arrived = { body: Buffer.from(buffer, byteOffset, byteLength), firstLine: chunk.firstLine };
      return { ...unpackDecision(decided.decision), arrived };
    } catch (error) {
      throw failed.reason ?? error;
    } finally {
      answers.close();
    }
  }

  /** Ends the thread; what it was deciding is not decided. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}

/** Answers the thread's questions; null where that fails, and then the reason is kept for whoever waits for the decision. */
function answering(port: MessagePort, resolve: ResolveNames): { reason: unknown } {
  const failed: { reason: unknown } = { reason: null };
  port.on('message', (rows: NamedRow[]) => {
    resolve(rows).then(
      (resolutions) => port.postMessage(resolutions),
      (error: unknown) => {
        failed.reason = error;
        port.postMessage(null);
      },
    );
  });
  return failed;
}
