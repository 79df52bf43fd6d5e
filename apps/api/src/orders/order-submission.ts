import { Inject, Injectable } from '@nestjs/common';
import { coverage } from '@groundcrew/domain';
import {
  acceptOrder,
  createSealer,
  dropIntake,
  uuidV7,
  withScope,
  type Database,
  type RunDefaults,
  type Sealer,
  type SourceFormat,
  type Unit,
} from '@groundcrew/persistence';
import type { Logger } from 'pino';
import type { Configuration } from '../configuration.js';
import { Commands, mediaTypeOf, type HeldCommand, type Outcome } from '../idempotency/commands.js';
import type { ArrivingBody } from '../idempotency/request-body.js';
import { admitPartner } from '../partners/partner-authority.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { loggerToken } from '../platform/logging.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer } from '../routes/operation.js';
import { monitorUrl, toRunView } from '../runs/run.view.js';
import { IntakeSpool, type Spooled } from './intake-spool.js';
import { defaultsOf, readJsonOrder } from './json-order.js';
import type { SubmitOrder } from './orders.controller.js';

const formats = {
  'application/json': 'json',
  'application/jsonl': 'jsonl',
  'application/x-ndjson': 'jsonl',
  'text/csv': 'csv',
} as const satisfies Record<string, SourceFormat>;

/** What the order is and for whom, as far as it was said outside its rows. */
interface Envelope {
  tenantId: string;
  defaults: RunDefaults;
}

/**
 * Takes an order in: spooled in sealed parts while it arrives, then accepted in one short transaction. Whatever goes wrong before
 * that leaves nothing behind, and the key free.
 */
@Injectable()
export class OrderSubmission {
  readonly #database: Database;
  readonly #commands: Commands;
  readonly #configuration: Configuration;
  readonly #sealer: Sealer;
  readonly #logger: Logger;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    @Inject(loggerToken) logger: Logger,
    commands: Commands,
  ) {
    this.#database = databases.api;
    this.#configuration = configuration;
    this.#sealer = createSealer(configuration.sealingKey);
    this.#logger = logger;
    this.#commands = commands;
  }

  submit(call: SubmitOrder): Promise<Answer> {
    const format = formats[mediaTypeOf(call, Object.keys(formats) as (keyof typeof formats)[])];
    const named = namedInQuery(call, format);
    return this.#commands.take(call, [format], async (held) => {
      const runId = uuidV7(Date.now());
      try {
        const spool = new IntakeSpool(this.#database, call.caller.scope, this.#sealer, runId, this.#configuration);
        const { envelope, spooled } = await held.holding(
          () => spool.renew(),
          (lost) => this.#spool(call, format, named, held.body, spool, lost),
        );
        return await this.#accept(call, held, { runId, format, envelope, spooled });
      } catch (error) {
        // Should this fail too, the intake's lease runs out and the relay sweeps it.
        await dropIntake(this.#database, call.caller.scope, runId).catch((fault: unknown) =>
          this.#logger.warn({ err: fault, traceId: call.traceId, intake: runId }, 'an intake could not be dropped'),
        );
        throw error;
      }
    });
  }

  async #spool(
    call: SubmitOrder,
    format: SourceFormat,
    named: Envelope | null,
    body: ArrivingBody,
    spool: IntakeSpool,
    lost: AbortSignal,
  ): Promise<{ envelope: Envelope; spooled: Spooled }> {
    const order = named === null ? await readJsonOrder(body) : null;
    const envelope = named ?? order!;
    const partnerId = call.params.partnerId!;
    await withScope(this.#database, call.caller.scope, (unit) => authorize(unit, call, envelope));
    await spool.open({ tenantId: envelope.tenantId, partnerId });
    const chunks = order === null ? body.chunks() : order.lines();
    const spooled = await spool.keep(chunks, { withHeader: format === 'csv', lost });
    return { envelope, spooled };
  }

  /** The moment after which the order will be worked on, whatever happens to this process. */
  #accept(
    call: SubmitOrder,
    held: HeldCommand,
    arrived: { runId: string; format: SourceFormat; envelope: Envelope; spooled: Spooled },
  ): Promise<Answer> {
    const { runId, format, envelope, spooled } = arrived;
    const partnerId = call.params.partnerId!;
    const orderId = uuidV7(Date.now());
    return held.commit(async (unit): Promise<Outcome> => {
      const consentId = await authorize(unit, call, envelope);
      const run = await acceptOrder(unit, {
        runId,
        orderId,
        tenantId: envelope.tenantId,
        partnerId,
        consentId,
        requestedBy: call.caller.principal,
        received: spooled.received,
        chunkCount: spooled.parts,
        sourceFormat: format,
        bodyDigest: held.body.digest,
        csvHeader: spooled.header,
        defaults: envelope.defaults,
      });
      const { publicUrl } = this.#configuration;
      return {
        answer: {
          status: 202,
          body: toRunView(run, this.#configuration, call.caller.isOperator),
          headers: {
            'operation-location': monitorUrl(publicUrl, runId),
            location: `${publicUrl}/v1/partners/${partnerId}/orders/${orderId}`,
            'retry-after': '1',
          },
        },
        audit: {
          tenantId: envelope.tenantId,
          action: 'order.accepted',
          object: `order/${orderId}`,
          data: {
            partnerId,
            runId,
            received: spooled.received,
            bodyDigest: held.body.digest.toString('hex'),
          },
        },
      };
    });
  }
}

/**
 * Asks the domain, with both rows held until the transaction ends. How many rows are covered is decided chunk by chunk; here it is
 * refused only when none can be.
 *
 * @returns the consent that covers it
 * @throws ProblemError with the reason why not
 */
async function authorize(unit: Unit, call: SubmitOrder, { tenantId, defaults }: Envelope): Promise<string> {
  const { caller, params } = call;
  const authority = await admitPartner(unit, {
    caller,
    action: 'submit_order',
    partnerId: params.partnerId!,
    tenantId,
  });
  const purchaseOrder = defaults.purchaseOrderIdentifier ?? null;
  const covered = coverage({ ...authority, nowMs: Date.now() }, { model: null, purchaseOrder, quantity: 1 });
  if (!covered.ok) throw new ProblemError(covered.refusal);
  return authority.consentId!;
}

/** A body of lines has no place for an envelope, so the query holds it; JSON brings its own, and two could disagree. */
function namedInQuery(call: SubmitOrder, format: SourceFormat): Envelope | null {
  const { tenantId, purchaseOrderIdentifier, groupTag } = call.query;
  if (format === 'json') {
    const [extra] = Object.keys(call.query);
    if (extra === undefined) return null;
    throw new ProblemError('parameter.invalid', {
      errors: [{ pointer: extra, code: 'unexpected', message: 'With application/json this stands in the body.' }],
    });
  }
  if (tenantId === undefined) {
    throw new ProblemError('parameter.invalid', {
      errors: [{ pointer: 'tenantId', code: 'required', message: 'For which tenant are the devices?' }],
    });
  }
  return { tenantId, defaults: defaultsOf({ purchaseOrderIdentifier, groupTag }) };
}
