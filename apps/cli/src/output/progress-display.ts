import { SingleBar } from 'cli-progress';
import type { Terminal } from '../world.js';

/** How far something is: a number that grows, where it ends, and a few words. */
export interface Progress {
  value: number;
  total: number;
  text: string;
  /** What else makes a new line worth it when the number stands still. */
  state: string;
}

export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Says something that stays to be read while what is shown goes on. */
  say(text: string): void;
  /** Takes a bar off the terminal. Once this was called nothing is shown any more. */
  end(): void;
}

/** A bar for a person, lines for a file or a pipe. */
export function progressDisplay(stream: Terminal): ProgressDisplay {
  return stream.isTTY === true ? new BarDisplay(stream) : new LineDisplay(stream);
}

class BarDisplay implements ProgressDisplay {
  readonly #bar: SingleBar;
  #started = false;

  constructor(private readonly stream: Terminal) {
    this.#bar = new SingleBar({
      format: '{bar} {percentage}%  {text}',
      barsize: 24,
      barCompleteChar: '#',
      barIncompleteChar: '.',
      stream,
      hideCursor: true,
      clearOnComplete: true,
      emptyOnZero: true,
      // The program has its own way to end on Ctrl-C, which comes by here.
      gracefulExit: false,
    });
  }

  show({ value, total, text }: Progress): void {
    if (!this.#started) this.#bar.start(total, value, { text });
    this.#started = true;
    this.#bar.setTotal(total);
    this.#bar.update(value, { text });
  }

  /** The bar is begun anew below. */
  say(text: string): void {
    this.end();
    this.#started = false;
    this.stream.write(`${text}\n`);
  }

  end(): void {
    if (this.#started) this.#bar.stop();
  }
}

/** One line for each change. Whoever calls `show` keeps the pace. */
class LineDisplay implements ProgressDisplay {
  #last = '';

  constructor(private readonly stream: Terminal) {}

  show({ value, total, text, state }: Progress): void {
    const change = `${state} ${value}/${total}`;
    if (change === this.#last) return;
    this.#last = change;
    this.stream.write(`${text}\n`);
  }

  say(text: string): void {
    this.stream.write(`${text}\n`);
  }

  end(): void {}
}
