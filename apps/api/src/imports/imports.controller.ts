import { Controller } from '@nestjs/common';
import { importQuery, runView } from '@groundcrew/contracts';
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
  submit(call: SubmitImport): Promise<Answer> {
    return this.#submission.submit(call);
  }
}
