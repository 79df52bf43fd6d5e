import { Inject, Injectable } from '@nestjs/common';
import { uploadCommit } from '@groundcrew/contracts';
import {
  commitUpload,
  createSealer,
  findUpload,
  listUploadParts,
  readUploadPart,
  uploadContext,
  type Sealer,
  type Upload,
  type UploadPart,
} from '@groundcrew/persistence';
import { createHash, type Hash } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import { parseJson, shaped } from '../idempotency/json-body.js';
import { mediaTypeOf } from '../idempotency/commands.js';
import { ImportSubmission } from '../imports/import-submission.js';
import { Intake, type Arriving } from '../intake/intake.js';
import { OrderSubmission } from '../orders/order-submission.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';
import { contentDigest } from './upload.view.js';

/** Makes a run of the parts of an upload: from here on they go the way of a body that arrived in one piece. */
@Injectable()
export class UploadCommit {
  readonly #databases: Databases;
  readonly #sealer: Sealer;
  readonly #intake: Intake;
  readonly #orders: OrderSubmission;
  readonly #imports: ImportSubmission;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    intake: Intake,
    orders: OrderSubmission,
    imports: ImportSubmission,
  ) {
    this.#databases = databases;
    this.#sealer = createSealer(configuration.sealingKey);
    this.#intake = intake;
    this.#orders = orders;
    this.#imports = imports;
  }

  commit(call: Call<unknown>, uploadId: string): Promise<Answer> {
    mediaTypeOf(call, ['application/json']);
    return this.#intake.take(call, [], async ({ body }): Promise<Arriving> => {
      const asked = shaped(uploadCommit, parseJson(await body.whole()));
      const { upload, parts } = await this.#whole(call, uploadId, asked.parts);
      const hash = createHash('sha256');
      let digest: Buffer | null = null;
      const rows = {
        format: upload.format,
        chunks: this.#bytes(call, uploadId, parts, hash),
        digest: () => (digest ??= hash.digest()),
      };
      const arriving = await this.#arriving(call, upload, rows);
      return {
        ...arriving,
        accept: async (unit, arrived) => {
          if (asked.digest !== undefined && asked.digest !== contentDigest(arrived.bodyDigest)) {
            throw new ProblemError('body.digest-mismatch', { detail: 'The parts together are another file.' });
          }
          const outcome = await arriving.accept(unit, arrived);
          const digests = parts.map((part) => part.digest);
          switch (await commitUpload(unit, uploadId, arrived.runId, digests)) {
            case 'committed':
              return outcome;
            case 'not_open':
              throw new ProblemError('upload.committed');
            case 'changed':
              throw new ProblemError('upload.changed');
          }
        },
      };
    });
  }

  #arriving(call: Call<unknown>, upload: Upload, rows: Pick<Arriving, 'format' | 'chunks' | 'digest'>) {
    const { tenantId, partnerId, terms } = upload;
    return partnerId === null
      ? this.#imports.arriving(call, { tenantId, ...terms }, rows)
      : this.#orders.arriving(call, { tenantId, partnerId, ...terms }, rows);
  }

  /** @throws ProblemError that names the parts that are missing */
  async #whole(call: Call<unknown>, id: string, count: number): Promise<{ upload: Upload; parts: UploadPart[] }> {
    const found = await this.#databases.readAs(call.caller, async (unit) => {
      const upload = await findUpload(unit, id);
      if (upload === null) throw new ProblemError('upload.not-found');
      if (upload.state !== 'open') throw new ProblemError('upload.committed');
      // As many as an upload may have; each is a number and a digest.
      return { upload, parts: (await listUploadParts(unit, id, { after: null, limit: 10_000 })).items };
    });
    const present = new Set(found.parts.map(({ number }) => number));
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const missing = numbers.filter((number) => !present.has(number));
    const surplus = [...present].filter((number) => number > count);
    if (missing.length === 0 && surplus.length === 0) return found;
    const fault = (code: string, message: string) => (number: number) => ({
      pointer: `parts/${number}`,
      code,
      message,
    });
    throw new ProblemError('upload.parts-differ', {
      errors: [
        ...missing.map(fault('missing', 'This part is not here.')),
        ...surplus.map(fault('surplus', 'This part is more than there should be.')),
      ].slice(0, 100),
    });
  }

  /** Part by part, each opened when its turn comes: memory holds one. */
  async *#bytes(call: Call<unknown>, id: string, parts: readonly UploadPart[], hash: Hash): AsyncGenerator<Buffer> {
    for (const { number } of parts) {
      const sealed = await this.#databases.readAs(call.caller, (unit) => readUploadPart(unit, id, number));
      if (sealed === null) throw new ProblemError('upload.changed');
      const bytes = this.#sealer.open(sealed, uploadContext(id, number));
      hash.update(bytes);
      yield bytes;
    }
  }
}
