import { createHash, type Hash } from 'node:crypto';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/** A piece of a body, where it lies in the memory that both threads see; or its end; or word that nobody wants its digest any more. */
export type HashingTask =
  { body: number; kind: 'piece'; slot: number; bytes: number } | { body: number; kind: 'end' | 'forget' };

/** A slot whose piece was taken in, or a body's digest. */
export type HashingAnswer = { slot: number } | { body: number; digest: Uint8Array };

export interface SharedSlots {
  memory: SharedArrayBuffer;
  slotBytes: number;
}

// Whoever waits for an answer goes first: a digest is wanted at the body's end. On Linux this is the thread's own, elsewhere the process's.
if (process.platform === 'linux') setPriority(Math.min(getPriority() + 10, 19));

const { memory, slotBytes } = workerData as SharedSlots;
const bytesOf = new Uint8Array(memory);
const running = new Map<number, Hash>();

parentPort!.on('message', (task: HashingTask) => {
  const answer = take(task);
  if (answer !== null) parentPort!.postMessage(answer);
});

function take(task: HashingTask): HashingAnswer | null {
  const hash = running.get(task.body) ?? createHash('sha256');
  if (task.kind === 'piece') {
    running.set(task.body, hash);
    const at = task.slot * slotBytes;
    hash.update(bytesOf.subarray(at, at + task.bytes));
    return { slot: task.slot };
  }
  running.delete(task.body);
  return task.kind === 'end' ? { body: task.body, digest: hash.digest() } : null;
}
