import { Context } from '@temporalio/activity';

const beatMs = 1_000;

/**
 * Beats while the work goes on, so that only a dead worker is silent and its chunk moves on.
 *
 * @param work is told where the worker stops: it may end early, and is tried again elsewhere
 */
export async function keepAlive<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
