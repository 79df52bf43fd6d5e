import type { Problem } from '@groundcrew/contracts';

/** The service said no. Asking again changes nothing. */
export class RefusedError extends Error {
  readonly code = 'cli.refused';
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

/** The service did not answer, or answered that it cannot now, for as long as we were told to be patient. */
export class UnreachableError extends Error {
  readonly code = 'cli.unreachable';
  /**
   * @param reason what went wrong at the last try
   * @param problem the service's own words, where it had some
   */
  constructor(
    readonly url: string,
    readonly reason: string,
    readonly problem: Problem | null = null,
  ) {
    super(reason);
  }
}

/** One try that may be repeated, with what is known about when. */
export class PassingFault extends Error {
  readonly code = 'cli.passing';
  constructor(
    readonly reason: string,
    readonly retryAfterMilliseconds: number | null = null,
    readonly problem: Problem | null = null,
  ) {
    super(reason);
  }
}
