/** Tells a person what happens now. Lines stay; ticks replace one another on a terminal and are rare elsewhere. */
export interface Progress {
  line(text: string): void;
  tick(text: string): void;
}

const TICK_SECONDS_WHEN_PIPED = 10;

export function printedProgress(prefix = '', out: NodeJS.WriteStream = process.stdout): Progress {
  let lastTick = Date.now();
  let dirty = false;
  // Whoever read us may be gone; what has to be stopped in order is stopped all the same.
  out.on('error', () => undefined);
  return {
    line(text) {
      out.write(`${dirty ? '\r\x1b[K' : ''}${prefix}${text}\n`);
      dirty = false;
      lastTick = Date.now();
    },
    tick(text) {
      const now = Date.now();
      if (out.isTTY) {
        if (now - lastTick < 200) return;
        out.write(`\r\x1b[K${prefix}${text}`);
        dirty = true;
      } else {
        if (now - lastTick < TICK_SECONDS_WHEN_PIPED * 1000) return;
        out.write(`${prefix}${text}\n`);
      }
      lastTick = now;
    },
  };
}

export const silence: Progress = { line: () => undefined, tick: () => undefined };
