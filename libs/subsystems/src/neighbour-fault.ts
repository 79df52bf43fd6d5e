/** How a neighbour fails to answer. None of them says that nothing happened. */
export type NeighbourFaultCode =
  /** 429: too much at once. It may say when to come back. */
  | 'neighbour.throttled'
  /** 5xx: it does not work at the moment. */
  | 'neighbour.unavailable'
  /** No answer in time: it may have happened or not. */
  | 'neighbour.timed-out';

/** The world not answering. Retried with the same key; compare the code, never the class. */
export class NeighbourFault extends Error {
  override readonly name = 'NeighbourFault';

  constructor(
    readonly code: NeighbourFaultCode,
    /** Which neighbour: `directory`, `management`, `partner_view`. */
    readonly neighbour: string,
    /** What a throttling neighbour asked for (`Retry-After`), in milliseconds; null where it did not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(`${neighbour}: ${code}${retryAfterMs === null ? '' : `, again after ${retryAfterMs} ms`}`);
  }
}

export function isNeighbourFault(error: unknown): error is NeighbourFault {
  return error instanceof Error && error.name === 'NeighbourFault';
}
