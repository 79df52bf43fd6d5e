import type { ProblemDetail } from '@groundcrew/contracts';
import { problems, type ProblemCode } from './problems.js';

export interface ProblemExtras {
  detail?: string;
  errors?: ProblemDetail[];
  headers?: Record<string, string>;
  operationId?: string;
}

/** A refusal on its way to the caller. Rules return refusals; this is how one leaves a handler. */
export class ProblemError extends Error {
  readonly status: number;
  constructor(
    readonly code: ProblemCode,
    readonly extras: ProblemExtras = {},
  ) {
    super(extras.detail ?? problems[code].title);
    this.status = problems[code].status;
  }
}
