/** So few rows are decided in a moment: whoever sends a device alone does not stand behind orders of thousands. */
const fewRows = 100;

/**
 * Decides chunks of an order one after the other. Deciding takes a processor and nothing else, registering mostly PostgreSQL: chunks that
 * were decided side by side would all come to the registry at once, and leave it with nothing to do while they decide.
 */
export class DecisionTurns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work when those before it are done, whatever became of them. @param rows how many there are to decide */
  async take<Decided>(rows: number, work: () => Promise<Decided>): Promise<Decided> {
    if (rows <= fewRows) return await work();
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}
