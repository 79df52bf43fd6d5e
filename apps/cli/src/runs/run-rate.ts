const WINDOW_MILLISECONDS = 10_000;

/** How many rows a second were decided of late. Takes readings of a counter that only grows. */
export class RunRate {
  readonly #readings: { at: number; value: number }[] = [];

  /** Takes a reading and answers the rate over the last ten seconds, null while there is only one reading. */
  take(value: number, at: number): number | null {
    this.#readings.push({ at, value });
    while (this.#readings.length > 2 && at - this.#readings[1]!.at > WINDOW_MILLISECONDS) this.#readings.shift();
    const first = this.#readings[0]!;
    const elapsed = at - first.at;
    return elapsed <= 0 ? null : ((value - first.value) * 1_000) / elapsed;
  }
}
