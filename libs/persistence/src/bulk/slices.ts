import { setImmediate as round } from 'node:timers/promises';

/** How long one computation may go on before others have their turn, in milliseconds. */
const sliceMs = 2;

let turn: Promise<void> = Promise.resolve();

/**
 * A long computation cut in slices. Those of a process take turns, one slice in a round of its event loop, however many chunks are at
 * work: whoever wants a single device registered, or a row read, waits for one slice and not for one of each.
 */
export class Slices {
  #end = performance.now() + sliceMs;

  /** Asked for every row, so it must cost nothing: wait with `next` where it says yes. */
  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  async next(): Promise<void> {
    turn = turn.then(() => round());
    await turn;
    this.#end = performance.now() + sliceMs;
  }
}
