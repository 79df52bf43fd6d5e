import { Controller, Inject } from '@nestjs/common';
import { hardwarePage, hardwareQuery, hardwareView, runView, type HardwareView } from '@groundcrew/contracts';
import { findHardware, listHardware, type HardwareRecord } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { HardwareSubmission } from './hardware-submission.js';

const submit = operation({
  id: 'submitHardwareReport',
  method: 'POST',
  path: '/v1/partners/{partnerId}/hardwareReports',
  tag: 'Makers',
  summary:
    'Keeps the hashes of a build on file, ahead of any order and without a tenant. JSON Lines or CSV in any size.',
  permission: 'hardware.submit',
  headers: ['Idempotency-Key', 'Content-Digest'],
  body: { 'application/jsonl': 'text', 'application/x-ndjson': 'text', 'text/csv': 'text' },
  answers: { 202: runView },
});

const list = operation({
  id: 'listHardware',
  method: 'GET',
  path: '/v1/partners/{partnerId}/devicesOnFile',
  tag: 'Makers',
  summary: 'What a maker has on file, in the order in which it was uploaded. Nobody else sees it.',
  permission: 'hardware.read',
  query: hardwareQuery,
  answers: { 200: hardwarePage },
});

const read = operation({
  id: 'readHardware',
  method: 'GET',
  path: '/v1/partners/{partnerId}/devicesOnFile/{hardwareId}',
  tag: 'Makers',
  summary: 'One device that a maker has on file.',
  permission: 'hardware.read',
  answers: { 200: hardwareView },
});

/** What makers upload of their builds. */
@Controller()
export class HardwareController {
  readonly #databases: Databases;
  readonly #submission: HardwareSubmission;
  readonly #publicUrl: string;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    submission: HardwareSubmission,
  ) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
    this.#submission = submission;
  }

  @Operation(submit)
  submit(call: CallOf<typeof submit>): Promise<Answer> {
    return this.#submission.submit(call);
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const partnerId = call.params.partnerId!;
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listHardware(unit, partnerId, call.query, page));
    return pageAnswer(call, this.#publicUrl, slice, viewFor(partnerId), (record) => record.id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { partnerId, hardwareId } = call.params;
    const record = await this.#databases.readAs(call.caller, (unit) => findHardware(unit, partnerId!, hardwareId!));
    if (record === null) throw new ProblemError('hardware.not-found');
    return { status: 200, body: viewFor(partnerId!)(record) };
  }
}

function viewFor(partnerId: string) {
  return (record: HardwareRecord): HardwareView => ({
    id: record.id,
    partnerId,
    manufacturer: record.manufacturer,
    model: record.model,
    serialNumber: record.serial_number,
    productKey: record.product_key,
    hashLevel: record.hash_level,
    operationId: record.source_run_id,
    line: record.source_line,
    uploadedAt: momentOf(record.uploaded_at),
    supersededAt: momentOrNull(record.superseded_at),
  });
}
