import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HashingAnswer, HashingTask, SharedSlots } from './hashing.thread.js';

/** The SHA-256 of a body, while it arrives. */
export interface RunningDigest {
  /** Takes the next bytes in; they may change as soon as this is over. */
  update(bytes: Buffer): Promise<void> | void;
  /** @throws Error where the bytes were not all digested */
  digest(): Promise<Buffer> | Buffer;
  /** Nobody wants it any more. */
  abandon(): void;
}

/** Shorter bodies are digested in less time than another thread takes to hear of them. */
const largeBytes = 1024 * 1024;

/** A connection is read in pieces of this size; so many of them may wait for the thread. */
const slotBytes = 64 * 1024;
const slots = 16;

/**
 * Digests large bodies in a thread of their own. On processors that have no instructions for SHA-256 it is more than half of what the API does
 * with an order's body, and whoever reads a device meanwhile waited for it. The pieces lie in memory that both threads see, so none of them
 * becomes garbage; they are worked through in the order in which they were given. A thread that dies fails the bodies that it was digesting.
 */
@Injectable()
export class BodyDigests implements OnApplicationShutdown {
  #thread: HashingThread | null = null;
  #bodies = 0;

  /** @param bytes how long the body will be; null where its sender did not say */
  begin(bytes: number | null): RunningDigest {
    if (bytes !== null && bytes < largeBytes) return digestHere();
    if (this.#thread === null || this.#thread.hasEnded) this.#thread = new HashingThread();
    return digestIn(this.#thread, (this.#bodies += 1));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#thread?.end();
  }
}

/** A short body's digest. */
export function digestHere(): RunningDigest {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest(),
    abandon: () => undefined,
  };
}

function digestIn(thread: HashingThread, body: number): RunningDigest {
  return {
    update: async (bytes) => {
      for (let from = 0; from < bytes.length; from += slotBytes)
        await thread.take(body, bytes.subarray(from, from + slotBytes));
    },
    digest: () => thread.digest(body),
    abandon: () => thread.forget(body),
  };
}

/** One thread, from its start to its end. */
class HashingThread {
  readonly #memory = new Uint8Array(new SharedArrayBuffer(slots * slotBytes));
  readonly #worker: Worker;
  readonly #free = Array.from({ length: slots }, (_, slot) => slot);
  readonly #waiting: (() => void)[] = [];
  readonly #wanted = new Map<number, { resolve: (digest: Buffer) => void; reject: (reason: Error) => void }>();
  #end: Error | null = null;

  constructor() {
    const shared: SharedSlots = { memory: this.#memory.buffer as SharedArrayBuffer, slotBytes };
    // Beside this file, and compiled if it is.
    const file = new URL(`./hashing.thread${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(file, { workerData: shared });
    this.#worker.unref();
    this.#worker.on('message', (answer: HashingAnswer) => this.#hear(answer));
    this.#worker.on('error', (error) => this.#ended(error));
    this.#worker.on('exit', () => this.#ended(new Error('the thread that digests bodies has ended')));
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** Waits for a free slot. Where the thread has ended nothing is taken, and `digest` says so. */
  async take(body: number, piece: Buffer): Promise<void> {
    while (this.#free.length === 0 && this.#end === null) await new Promise<void>((free) => this.#waiting.push(free));
    if (this.#end !== null) return;
    const slot = this.#free.pop()!;
    this.#memory.set(piece, slot * slotBytes);
    this.#tell({ body, kind: 'piece', slot, bytes: piece.length });
  }

  async digest(body: number): Promise<Buffer> {
    if (this.#end !== null) throw this.#end;
    return await new Promise((resolve, reject) => {
      this.#wanted.set(body, { resolve, reject });
      this.#tell({ body, kind: 'end' });
    });
  }

  forget(body: number): void {
    if (this.#end === null) this.#tell({ body, kind: 'forget' });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(task: HashingTask): void {
    this.#worker.postMessage(task);
  }

  #hear(answer: HashingAnswer): void {
    if ('slot' in answer) {
      this.#free.push(answer.slot);
      this.#waiting.shift()?.();
      return;
    }
    this.#wanted.get(answer.body)?.resolve(Buffer.from(answer.digest));
    this.#wanted.delete(answer.body);
  }

  #ended(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#wanted.values()) reject(this.#end);
    this.#wanted.clear();
    for (const free of this.#waiting.splice(0)) free();
  }
}
