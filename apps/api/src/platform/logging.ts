import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export const loggerToken = Symbol('logger');

/** JSON lines. Never a body, never a hash, never a token. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: { app: 'api' },
    redact: [
      'authorization',
      '*.authorization',
      '*.headers.authorization',
      'err.query',
      'err.detail',
      'err.parameters',
    ],
  });
}

/** What the framework itself says, kept to what an operator needs. */
export function frameworkLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown) => logger.debug(String(message)),
    error: (message: unknown, ...rest: unknown[]) => logger.error({ rest }, String(message)),
    warn: (message: unknown) => logger.warn(String(message)),
    fatal: (message: unknown) => logger.fatal(String(message)),
  };
}
