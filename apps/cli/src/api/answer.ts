import type { Problem } from '@groundcrew/contracts';
import { PassingFault, RefusedError } from './api.error.js';

/**
 * The JSON of a successful answer.
 *
 * @throws RefusedError where the service said no
 * @throws PassingFault where the same call may be made again
 */
export async function readAnswer(response: Response): Promise<unknown> {
  if (!response.ok) throw await faultOf(response);
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedError(foreignAnswer(response, 'The answer is not JSON.'));
  }
}

/** The text of a successful answer. It throws what `readAnswer` throws. */
export async function readText(response: Response): Promise<string> {
  if (!response.ok) throw await faultOf(response);
  return await response.text();
}

/** The refusal or passing fault that an answer stands for. */
export async function faultOf(response: Response): Promise<PassingFault | RefusedError> {
  const own = await problemOf(response);
  const problem = own ?? foreignAnswer(response, 'The answer is no problem document.');
  // A gateway's own 502 and 504 mean that the service behind it was not reached.
  const isGateway = own === null && (response.status === 502 || response.status === 504);
  if (!isPassing(problem) && !isGateway) return new RefusedError(problem);
  return new PassingFault(problem.title, retryAfterOf(response.headers.get('retry-after')), problem);
}

/** Only these may be asked again (AIP-194): a refusal for a reason in the request stays one. */
function isPassing({ status, code }: Problem): boolean {
  return status === 429 || status === 503 || (status === 409 && code === 'idempotency.in-progress');
}

/** Reads Retry-After in both its forms. Null where there is none or it makes no sense. */
export function retryAfterOf(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? null : Math.max(0, moment - now);
}

async function problemOf(response: Response): Promise<Problem | null> {
  const text = await response.text();
  if (!(response.headers.get('content-type') ?? '').includes('json')) return null;
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    if (typeof body?.title !== 'string' || typeof body.code !== 'string') return null;
    return { ...(body as Problem), status: response.status };
  } catch {
    return null;
  }
}

/** Somebody else answered, a proxy for instance. Its body is not repeated: nobody knows what is in it. */
function foreignAnswer(response: Response, detail: string): Problem {
  return {
    type: 'about:blank',
    title: `${hostOf(response.url)} answered ${response.status} ${response.statusText}`.trim(),
    status: response.status,
    detail: `${detail} Is --api-url the address of Groundcrew's API?`,
    code: 'cli.unexpected-answer',
    traceId: response.headers.get('x-request-id') ?? '',
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'The service';
}
