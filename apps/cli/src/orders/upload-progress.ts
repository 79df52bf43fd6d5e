import { progressDisplay, type ProgressDisplay } from '../output/progress-display.js';
import type { Terminal } from '../world.js';

/** Below this an upload is over before anybody could read about it. */
const SMALL_BYTES = 16 * 1024 * 1024;

/** Shows how much of a large order has been sent. */
export class UploadProgress {
  readonly #display: ProgressDisplay;
  readonly #paceMilliseconds: number;
  #shownAt = 0;

  constructor(terminal: Terminal) {
    this.#display = progressDisplay(terminal);
    this.#paceMilliseconds = terminal.isTTY === true ? 100 : 1_000;
  }

  /** Takes note that so many bytes of the present try have been handed over. */
  sent(value: number, total: number): void {
    const now = Date.now();
    if (total < SMALL_BYTES || (value < total && now - this.#shownAt < this.#paceMilliseconds)) return;
    this.#shownAt = now;
    this.#display.show({ value, total, text: `Sending: ${megabytes(value)} of ${megabytes(total)} MB`, state: '' });
  }

  end(): void {
    this.#display.end();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
