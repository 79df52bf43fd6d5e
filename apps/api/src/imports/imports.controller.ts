import { Controller } from '@nestjs/common';
import { importQuery, runView, type CaptureDeclaration } from '@groundcrew/contracts';
import { acceptCapture, captureAdvice } from '@groundcrew/domain';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { ImportSubmission } from './import-submission.js';

const submit = operation({
  id: 'submitImport',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/imports',
  tag: 'Imports',
  summary:
    "Registers the tenant's own devices by their hardware hashes: CSV in any usual form and any size, JSON Lines, or an OA3 report.",
  permission: 'import.submit',
  headers: ['Idempotency-Key', 'Content-Digest'],
  query: importQuery,
  body: {
    'text/csv': 'text',
    'application/jsonl': 'text',
    'application/x-ndjson': 'text',
    'application/xml': 'text',
    'text/xml': 'text',
  },
  answers: { 202: runView },
});
export type SubmitImport = CallOf<typeof submit>;

@Controller()
export class ImportsController {
  readonly #submission: ImportSubmission;

  constructor(submission: ImportSubmission) {
    this.#submission = submission;
  }

  @Operation(submit)
  async submit(call: SubmitImport): Promise<Answer> {
    admitCapture(call.query);
    return await this.#submission.submit(call);
  }
}

/** @throws ProblemError where the hashes cannot have been captured as it is declared */
export function admitCapture({ osFamily, capturedBy }: CaptureDeclaration): void {
  const capture = acceptCapture(osFamily ?? null, capturedBy ?? null);
  if (!capture.ok) throw new ProblemError(capture.refusal, { detail: captureAdvice });
}
