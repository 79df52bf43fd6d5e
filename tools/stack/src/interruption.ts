/** Two signals within this time are one Ctrl-C: the terminal, npm and the launcher all pass it on. */
const ECHO_MILLISECONDS = 1_000;

export interface Interruption {
  /** Aborted by the first Ctrl-C, by SIGTERM, and when the launcher is gone. */
  signal: AbortSignal;
  /** Resolves with it. */
  happened: Promise<void>;
}

/** The first Ctrl-C asks for an orderly end; a second one, a second later or more, forces it. */
export function onInterruption(force: () => void): Interruption {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let first: number | undefined;
  const interrupt = (): void => {
    first ??= Date.now();
    if (!controller.signal.aborted) controller.abort(new Error('Interrupted.'));
    else if (Date.now() - first > ECHO_MILLISECONDS) force();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  if (process.channel !== undefined) {
    process.once('disconnect', interrupt);
    // It tells us when the launcher ends; it must not keep us from ending.
    process.channel?.unref();
  }
  return { signal: controller.signal, happened };
}
