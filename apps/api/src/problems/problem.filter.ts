import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Problem } from '@groundcrew/contracts';
import { sqlStateOf } from '@groundcrew/persistence';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { loggerToken } from '../platform/logging.js';
import { ProblemError } from './problem.error.js';
import { problems, type ProblemCode } from './problems.js';

/** Turns whatever a handler threw into a problem. Only what nobody expected is logged, without the body it came with. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(@Inject(loggerToken) logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), error, this.#logger);
  }
}

/** Answers with the problem that an error stands for. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown, logger: Logger): void {
  const known = problemErrorOf(error);
  if (known.status >= 500) {
    const { method } = request;
    logger.error({ err: error, method, url: pathOf(request), traceId: request.id, code: known.code }, 'a call failed');
  }
  if (reply.sent || reply.raw.headersSent) return;
  const { status, title } = problems[known.code];
  const body: Problem = {
    type: `urn:groundcrew:problem:${known.code}`,
    title,
    status,
    ...(known.extras.detail === undefined ? {} : { detail: known.extras.detail }),
    instance: pathOf(request),
    code: known.code,
    traceId: request.id,
    ...(known.extras.operationId === undefined ? {} : { operationId: known.extras.operationId }),
    ...(known.extras.errors === undefined ? {} : { errors: known.extras.errors }),
  };
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  void reply
    .status(status)
    .headers(known.extras.headers ?? {})
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(body));
}

/** The codes under which Fastify refuses a request before it reaches a handler. */
const fastifyProblems: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'body.media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body.too-large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body.malformed-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body.malformed-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body.truncated',
  FST_ERR_BAD_URL: 'request.refused',
};

function problemErrorOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HttpException) {
    return new ProblemError(
      error.getStatus() === 404 ? 'route.not-found' : error.getStatus() < 500 ? 'request.refused' : 'internal',
    );
  }
  const code = (error as { code?: unknown } | null)?.code;
  const ofFastify = typeof code === 'string' ? fastifyProblems[code] : undefined;
  if (ofFastify !== undefined) return new ProblemError(ofFastify);
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) return new ProblemError('request.refused');
  if (isDatabaseAway(error)) return new ProblemError('service.unavailable', { headers: { 'retry-after': '2' } });
  return new ProblemError('internal');
}

const socketFaults = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);
const awayMessage = /connection terminated|timeout exceeded when trying to connect|query read timeout/i;

/** The database cannot be reached, is starting or stopping, is full, or did not answer in time. */
function isDatabaseAway(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined && /^(08|53|57)|^55P03$/.test(state)) return true;
  let current = error as { code?: unknown; message?: unknown; cause?: unknown } | null | undefined;
  for (let depth = 0; typeof current === 'object' && current !== null && depth < 5; depth += 1) {
    if (socketFaults.has(String(current.code)) || awayMessage.test(String(current.message))) return true;
    current = current.cause as typeof current;
  }
  return false;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}
