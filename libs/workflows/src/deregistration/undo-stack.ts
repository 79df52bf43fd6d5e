/** What takes back what was done, the last act first. Each undo is pushed before its act: an act that timed out may have happened. */
export class UndoStack {
  readonly #undos: (() => Promise<void>)[] = [];

  push(undo: () => Promise<void>): void {
    this.#undos.push(undo);
  }

  async unwind(): Promise<void> {
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) await undo();
  }
}
