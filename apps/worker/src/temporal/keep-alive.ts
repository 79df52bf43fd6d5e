import { Context } from '@temporalio/activity';

const beatMs = 1_000;

/** Beats while the work goes on, so that only a dead worker is silent and its chunk moves on. */
export async function keepAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
