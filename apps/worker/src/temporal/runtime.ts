import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';

const levels: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** One log for the process, and signals that Nest owns alone. */
export function installRuntime(log: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log[levels[level]](
        { workflowId: meta?.workflowId, activityType: meta?.activityType, error: errorOf(meta?.error) },
        message,
      );
    }),
  });
}

/** The message only: a stack trace or an error's details might hold what must not be logged. */
function errorOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message : undefined;
}
