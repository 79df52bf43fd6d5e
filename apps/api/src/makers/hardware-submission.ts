import { Inject, Injectable } from '@nestjs/common';
import { authorizeUpload } from '@groundcrew/domain';
import {
  acceptRun,
  findPartner,
  withScope,
  type Database,
  type SourceFormat,
  type Unit,
} from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { mediaTypeOf, type Outcome } from '../idempotency/commands.js';
import { Intake, type Arrived } from '../intake/intake.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';
import { acceptedRun } from '../runs/accepted-run.js';

const formats = {
  'application/jsonl': 'jsonl',
  'application/x-ndjson': 'jsonl',
  'text/csv': 'csv',
} as const satisfies Record<string, SourceFormat>;

/** Takes in what a maker uploads of a build: a run like any other, but in the maker's own space, because there is no tenant yet. */
@Injectable()
export class HardwareSubmission {
  readonly #database: Database;
  readonly #intake: Intake;
  readonly #configuration: Configuration;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    intake: Intake,
  ) {
    this.#database = databases.api;
    this.#configuration = configuration;
    this.#intake = intake;
  }

  submit(call: Call<unknown>): Promise<Answer> {
    const format = formats[mediaTypeOf(call, Object.keys(formats) as (keyof typeof formats)[])];
    const partnerId = call.params.partnerId!;
    return this.#intake.take(call, [format], async ({ body }) => {
      await withScope(this.#database, call.caller.scope, (unit) => admitMaker(unit, partnerId));
      return {
        format,
        chunks: body.chunks(),
        digest: () => body.digest,
        owner: { tenantId: partnerId, partnerId },
        accept: (unit, arrived) => this.#accept(unit, call, partnerId, arrived),
      };
    });
  }

  async #accept(unit: Unit, call: Call<unknown>, partnerId: string, arrived: Arrived): Promise<Outcome> {
    await admitMaker(unit, partnerId);
    const run = await acceptRun(unit, {
      ...arrived,
      kind: 'hardware_report',
      tenantId: partnerId,
      partnerId,
      orderId: null,
      consentId: null,
      validateOnly: false,
      defaults: {},
    });
    return {
      answer: acceptedRun(run, call, this.#configuration),
      audit: {
        tenantId: partnerId,
        action: 'hardware.accepted',
        object: `run/${run.id}`,
        data: { partnerId, received: arrived.received, bodyDigest: arrived.bodyDigest.toString('hex') },
      },
    };
  }
}

/** Whether it may is asked again, under lock, in each chunk. @throws ProblemError with the reason why not */
async function admitMaker(unit: Unit, partnerId: string): Promise<void> {
  const partner = await findPartner(unit, partnerId);
  if (partner === null) throw new ProblemError('partner.not-found');
  const decision = authorizeUpload(partner.kind, partner.status);
  if (!decision.ok) throw new ProblemError(decision.refusal);
}
