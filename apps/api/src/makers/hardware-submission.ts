import { Injectable } from '@nestjs/common';
import { authorizeUpload } from '@groundcrew/domain';
import { acceptRun, findPartner, type Unit } from '@groundcrew/persistence';
import type { Outcome } from '../idempotency/commands.js';
import { formatOf, rowFormats } from '../intake/body-formats.js';
import { Intake, type Arrived } from '../intake/intake.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';

/** Takes in what a maker uploads of a build: a run like any other, but in the maker's own space, because there is no tenant yet. */
@Injectable()
export class HardwareSubmission {
  readonly #intake: Intake;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  submit(call: Call<unknown>): Promise<Answer> {
    const format = formatOf(call, rowFormats);
    const partnerId = call.params.partnerId!;
    return this.#intake.take(call, [format], async ({ body }) => {
      await this.#intake.ask(call, (unit) => admitMaker(unit, partnerId));
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
      answer: this.#intake.accepted(run, call),
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
