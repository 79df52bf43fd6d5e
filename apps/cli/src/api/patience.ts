import { PassingFault, UnreachableError } from './api.error.js';
import { pause } from './pause.js';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 10_000;

export interface Patience {
  /** For how long a fault that may pass is waited out. */
  milliseconds: number;
  signal: AbortSignal;
  /** Told before each pause. */
  onPause: (reason: string, milliseconds: number) => void;
}

/**
 * Tries until the act succeeds, is refused, or patience ends. The service's own Retry-After always wins.
 *
 * @throws UnreachableError when patience ended
 */
export async function withPatience<Value>(url: string, patience: Patience, act: () => Promise<Value>): Promise<Value> {
  const end = Date.now() + patience.milliseconds;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      patience.signal.throwIfAborted();
      const fault = passingFaultOf(error);
      if (fault === null) throw error;
      const milliseconds = fault.retryAfterMilliseconds ?? pauseAfter(attempt);
      if (Date.now() + milliseconds > end) throw new UnreachableError(url, fault.reason, fault.problem);
      patience.onPause(fault.reason, milliseconds);
      await pause(milliseconds, patience.signal);
    }
  }
}

/** Each pause is twice the last, up to a bound; a part is left to chance so that many callers do not come back together. */
export function pauseAfter(attempt: number): number {
  const longest = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** attempt, LONGEST_PAUSE_MILLISECONDS);
  return Math.round(longest * (0.75 + Math.random() / 4));
}

/** What kind of fault an error of one try is; null for refusals and for faults of this program. */
function passingFaultOf(error: unknown): PassingFault | null {
  if (error instanceof PassingFault) return error;
  const reason = transportReasonOf(error);
  return reason === null ? null : new PassingFault(reason);
}

const reasonOfCode: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed while sending',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name not found for now',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the network',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
};

/** fetch wraps what happened, sometimes several times; the innermost known code tells. Classes differ between realms. */
export function transportReasonOf(error: unknown): string | null {
  const seen = new Set<unknown>();
  const left: unknown[] = [error];
  while (left.length > 0) {
    const current = left.pop() as Partial<AggregateError & NodeJS.ErrnoException> | null;
    if (typeof current !== 'object' || current === null || seen.has(current)) continue;
    seen.add(current);
    const reason = reasonOfCode[current.code ?? ''];
    if (reason !== undefined) return reason;
    left.push(current.cause, ...(Array.isArray(current.errors) ? (current.errors as unknown[]) : []));
  }
  const { name, message } = (error ?? {}) as Partial<Error>;
  // undici ends a cut answer with a bare TypeError.
  return name === 'TypeError' && /^(terminated|fetch failed)$/.test(message ?? '') ? 'connection lost' : null;
}
