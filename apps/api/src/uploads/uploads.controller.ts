import { Controller, Inject } from '@nestjs/common';
import {
  newImportUpload,
  newOrderUpload,
  pageQuery,
  runView,
  uploadCommit,
  uploadLimits,
  uploadPartPage,
  uploadPartView,
  uploadView,
} from '@groundcrew/contracts';
import {
  createSealer,
  findUpload,
  holdTenant,
  keepUploadPart,
  listUploadParts,
  openUpload,
  uploadContext,
  uuidV7,
  type Sealer,
  type Unit,
  type Upload,
} from '@groundcrew/persistence';
import { z } from 'zod';
import { BodyDigests } from '../body-digests/body-digests.js';
import type { Configuration } from '../configuration.js';
import { Commands, type Outcome } from '../idempotency/commands.js';
import { ArrivingBody } from '../idempotency/request-body.js';
import { admitCapture } from '../imports/imports.controller.js';
import { defaultsOf } from '../orders/json-order.js';
import { admitPartner } from '../partners/partner-authority.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { keysetOf, numberKey, pageAnswer } from '../routes/paging.js';
import { UploadCommit } from './upload-commit.js';
import { toUploadPartView, toUploadView } from './upload.view.js';

const openImport = operation({
  id: 'openImportUpload',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/uploads',
  tag: 'Uploads',
  summary: 'Begins an import whose file is sent in parts.',
  permission: 'import.submit',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newImportUpload },
  answers: { 201: uploadView },
});

const openOrder = operation({
  id: 'openOrderUpload',
  method: 'POST',
  path: '/v1/partners/{partnerId}/uploads',
  tag: 'Uploads',
  summary: 'Begins an order whose file is sent in parts.',
  permission: 'order.submit',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newOrderUpload },
  answers: { 201: uploadView },
});

const put = operation({
  id: 'putUploadPart',
  method: 'PUT',
  path: '/v1/uploads/{uploadId}/parts/{partNumber}',
  tag: 'Uploads',
  summary:
    'Keeps a part of up to 8 MiB. In any order, and again as often as it takes: the digest says whether it is whole.',
  permission: 'upload.write',
  headers: ['Content-Digest'],
  body: { 'application/octet-stream': 'text' },
  answers: { 200: uploadPartView },
});

const read = operation({
  id: 'readUpload',
  method: 'GET',
  path: '/v1/uploads/{uploadId}',
  tag: 'Uploads',
  summary: 'Reads an upload of the caller.',
  permission: 'upload.write',
  answers: { 200: uploadView },
});

const parts = operation({
  id: 'listUploadParts',
  method: 'GET',
  path: '/v1/uploads/{uploadId}/parts',
  tag: 'Uploads',
  summary: 'Which parts are there, so that a sender who was interrupted sends the others.',
  permission: 'upload.write',
  query: z.strictObject(pageQuery),
  answers: { 200: uploadPartPage },
});

const commit = operation({
  id: 'commitUpload',
  method: 'POST',
  path: '/v1/uploads/{uploadId}/commits',
  tag: 'Uploads',
  summary: 'Makes the import or the order of the parts, once all of them are there.',
  permission: 'upload.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': uploadCommit },
  answers: { 202: runView },
});

@Controller()
export class UploadsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #sealer: Sealer;
  readonly #commands: Commands;
  readonly #committing: UploadCommit;
  readonly #digests: BodyDigests;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
    committing: UploadCommit,
    digests: BodyDigests,
  ) {
    this.#databases = databases;
    this.#digests = digests;
    this.#configuration = configuration;
    this.#sealer = createSealer(configuration.sealingKey);
    this.#commands = commands;
    this.#committing = committing;
  }

  @Operation(openImport)
  openImport(call: CallOf<typeof openImport>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newImportUpload, async (unit, body) => {
      admitCapture(body);
      if (!(await holdTenant(unit, tenantId))) throw new ProblemError('tenant.not-found');
      return await this.#open(unit, call, { tenantId, partnerId: null, ...body });
    });
  }

  @Operation(openOrder)
  openOrder(call: CallOf<typeof openOrder>): Promise<Answer> {
    const { caller } = call;
    const partnerId = call.params.partnerId!;
    return this.#commands.perform(call, newOrderUpload, async (unit, body) => {
      await admitPartner(unit, { caller, action: 'submit_order', partnerId, tenantId: body.tenantId });
      return await this.#open(unit, call, { partnerId, ...body });
    });
  }

  /** A part is what it is, whoever repeats it: it needs no key, only its digest. */
  @Operation(put)
  async put(call: CallOf<typeof put>): Promise<Answer> {
    const { uploadId, partNumber } = call.params;
    const number = Number(partNumber);
    if (number > uploadLimits.parts) throw new ProblemError('upload.not-found');
    const body = new ArrivingBody(call.request, this.#configuration.stallSeconds, this.#digests);
    try {
      if (!/sha-256\s*=/i.test(String(call.request.headers['content-digest']))) {
        throw new ProblemError('upload.digest-missing');
      }
      await this.#databases.readAs(call.caller, (unit) => openUploadOf(unit, uploadId!));
      const bytes = await body.whole(uploadLimits.partBytes);
      const part = { number, bytes: bytes.length, digest: body.digest };
      const sealed = await this.#sealer.sealBody(bytes, uploadContext(uploadId!, number));
      const kept = await this.#databases.inScopeOf(call.caller, (unit) =>
        keepUploadPart(
          unit,
          call.caller.scope,
          uploadId!,
          { ...part, sealed },
          this.#configuration.uploadExpirySeconds,
        ),
      );
      if (!kept) throw new ProblemError('upload.committed');
      return { status: 200, body: toUploadPartView(part) };
    } catch (error) {
      body.abandon();
      throw error;
    }
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const upload = await this.#databases.readAs(call.caller, (unit) => uploadOf(unit, call.params.uploadId!));
    return { status: 200, body: toUploadView(upload) };
  }

  @Operation(parts)
  async parts(call: CallOf<typeof parts>): Promise<Answer> {
    const slice = await this.#databases.readAs(call.caller, async (unit) => {
      const upload = await uploadOf(unit, call.params.uploadId!);
      return await listUploadParts(unit, upload.id, keysetOf(call.query, numberKey));
    });
    return pageAnswer(call, this.#configuration.publicUrl, slice, toUploadPartView, ({ number }) => number);
  }

  @Operation(commit)
  commit(call: CallOf<typeof commit>): Promise<Answer> {
    return this.#committing.commit(call, call.params.uploadId!);
  }

  async #open(
    unit: Unit,
    call: Call<unknown>,
    given: z.output<typeof newImportUpload> & { tenantId: string; partnerId: string | null },
  ): Promise<Outcome> {
    const { tenantId, partnerId, format, validateOnly = false } = given;
    const terms = { defaults: defaultsOf(given), validateOnly };
    const id = uuidV7(Date.now());
    const expiry = this.#configuration.uploadExpirySeconds;
    const upload = await openUpload(unit, call.caller.scope, { id, tenantId, partnerId, format, terms }, expiry);
    const location = `${this.#configuration.publicUrl}/v1/uploads/${id}`;
    return {
      answer: { status: 201, headers: { location }, body: toUploadView(upload) },
      audit: { tenantId, action: 'upload.opened', object: `upload/${id}`, data: { partnerId, format } },
    };
  }
}

async function uploadOf(unit: Unit, id: string): Promise<Upload> {
  const upload = await findUpload(unit, id);
  if (upload === null) throw new ProblemError('upload.not-found');
  return upload;
}

async function openUploadOf(unit: Unit, id: string): Promise<void> {
  if ((await uploadOf(unit, id)).state !== 'open') throw new ProblemError('upload.committed');
}
