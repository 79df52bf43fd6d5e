import { Injectable } from '@nestjs/common';
import type { orderVerbQuery } from '@groundcrew/contracts';
import { coverage } from '@groundcrew/domain';
import {
  acceptOrder,
  acceptRun,
  uuidV7,
  type DeviceOrder,
  type Run,
  type RunDefaults,
  type SourceFormat,
  type Unit,
} from '@groundcrew/persistence';
import type { z } from 'zod';
import type { Outcome } from '../idempotency/commands.js';
import { formatOf, rowFormats } from '../intake/body-formats.js';
import { Intake, type Arrived, type Arriving, type Otherwise } from '../intake/intake.js';
import { admitPartner } from '../partners/partner-authority.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';
import { defaultsOf, readJsonOrder, readJsonOrderOrRemoval } from './json-order.js';
import type { SubmitOrder } from './orders.controller.js';
import { OrdersWithoutTenant } from './orders-without-tenant.js';

const formats = { 'application/json': 'json', ...rowFormats } as const;

/** What the order is and for whom, as far as it was said outside its rows. */
export interface OrderTerms {
  partnerId: string;
  tenantId: string;
  defaults: RunDefaults;
  validateOnly: boolean;
  /** Its sender's name for it. */
  batchId?: string;
}

/** Takes a partner's orders in. */
@Injectable()
export class OrderSubmission {
  readonly #intake: Intake;
  readonly #withoutTenant: OrdersWithoutTenant;

  constructor(intake: Intake, withoutTenant: OrdersWithoutTenant) {
    this.#intake = intake;
    this.#withoutTenant = withoutTenant;
  }

  submit(call: SubmitOrder): Promise<Answer> {
    const format = formatOf(call, formats);
    const named = namedInQuery(call, format);
    return this.#intake.take(call, [format], async ({ body }): Promise<Arriving | Otherwise> => {
      const order = named === null ? await readJsonOrderOrRemoval(body) : null;
      if (order !== null && 'removal' in order)
        return { instead: (unit) => this.#withoutTenant.plan(unit, call, order.removal) };
      const terms = named ?? { ...order!, partnerId: call.params.partnerId! };
      return await this.arriving(call, terms, {
        format,
        chunks: order === null ? body.chunks() : order.lines(),
        digest: () => body.digest,
      });
    });
  }

  /** An order's rows on their way in, from wherever they come. @throws ProblemError where the partner may not */
  async arriving(
    call: Call<unknown>,
    terms: OrderTerms,
    rows: Pick<Arriving, 'format' | 'chunks' | 'digest'>,
  ): Promise<Arriving> {
    await this.#intake.ask(call, (unit) => authorize(unit, call, terms));
    return { ...rows, owner: terms, accept: (unit, arrived) => this.#accept(unit, call, terms, arrived) };
  }

  /** Rows for an order that exists, which is added to or replaced: a run of its own within it. */
  add(
    call: Call<z.output<typeof orderVerbQuery>>,
    order: DeviceOrder,
    kind: 'registration_order' | 'order_replacement',
  ): Promise<Answer> {
    const format = formatOf(call, formats);
    const { partnerId, tenantId } = order;
    return this.#intake.take(call, [format], async ({ body }): Promise<Arriving> => {
      const sent = format === 'json' ? await readJsonOrder(body) : null;
      if (sent !== null && sent.tenantId !== tenantId) throw new ProblemError('tenant.not-found');
      const { validateOnly = false, ...own } = call.query;
      const ofOrder = defaultsOf({ purchaseOrderIdentifier: order.purchaseOrder ?? undefined });
      const defaults = { ...ofOrder, ...(sent?.defaults ?? defaultsOf(own)) };
      const terms = { partnerId, tenantId, defaults, validateOnly: sent?.validateOnly ?? validateOnly };
      await this.#intake.ask(call, (unit) => authorize(unit, call, terms));
      return {
        format,
        chunks: sent === null ? body.chunks() : sent.lines(),
        digest: () => body.digest,
        owner: terms,
        accept: async (unit, arrived) => {
          const consentId = await authorize(unit, call, terms);
          const run = await acceptRun(unit, { ...arrived, ...terms, kind, orderId: order.id, consentId });
          return this.#outcome(run, call, terms, order.id, arrived);
        },
      };
    });
  }

  async #accept(unit: Unit, call: Call<unknown>, terms: OrderTerms, arrived: Arrived): Promise<Outcome> {
    const consentId = await authorize(unit, call, terms);
    const accepted = { ...arrived, ...terms, kind: 'registration_order', consentId } as const;
    // Verdicts are no order: there will be one, and the name is its.
    const orderId = terms.validateOnly ? null : uuidV7(Date.now());
    const run =
      orderId === null
        ? await acceptRun(unit, { ...accepted, orderId })
        : await acceptOrder(unit, { ...accepted, orderId, batchId: terms.batchId ?? null });
    if (run === null) throw new ProblemError('order.batch-exists');
    return this.#outcome(run, call, terms, orderId, arrived);
  }

  #outcome(run: Run, call: Call<unknown>, terms: OrderTerms, orderId: string | null, arrived: Arrived): Outcome {
    const { partnerId, tenantId, validateOnly } = terms;
    const action = run.kind === 'order_replacement' ? 'order.replacement' : 'order';
    const place = orderId === null ? undefined : `/v1/partners/${partnerId}/orders/${orderId}`;
    return {
      answer: this.#intake.accepted(run, call, place),
      audit: {
        tenantId,
        action: `${action}${validateOnly ? '.validated' : '.accepted'}`,
        object: orderId === null ? `run/${run.id}` : `order/${orderId}`,
        data: {
          partnerId,
          runId: arrived.runId,
          received: arrived.received,
          bodyDigest: arrived.bodyDigest.toString('hex'),
        },
      },
    };
  }
}

/**
 * Asks the domain, with both rows held until the transaction ends. How many rows are covered is decided chunk by chunk; here it is
 * refused only when none can be.
 *
 * @returns the consent that covers it
 * @throws ProblemError with the reason why not
 */
async function authorize(
  unit: Unit,
  { caller }: Call<unknown>,
  { partnerId, tenantId, defaults }: OrderTerms,
): Promise<string> {
  const authority = await admitPartner(unit, { caller, action: 'submit_order', partnerId, tenantId });
  const purchaseOrder = defaults.purchaseOrderIdentifier ?? null;
  const covered = coverage({ ...authority, nowMs: Date.now() }, { model: null, purchaseOrder, quantity: 1 });
  if (!covered.ok) throw new ProblemError(covered.refusal);
  return authority.consentId!;
}

/** A body of lines has no place for an envelope, so the query holds it; JSON brings its own, and two could disagree. */
function namedInQuery(call: SubmitOrder, format: SourceFormat): OrderTerms | null {
  const { tenantId, purchaseOrderIdentifier, groupTag, batchId, validateOnly } = call.query;
  if (format === 'json') {
    const [extra] = Object.keys(call.query).filter((name) => call.query[name as keyof typeof call.query] !== undefined);
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
  return {
    partnerId: call.params.partnerId!,
    tenantId,
    defaults: defaultsOf({ purchaseOrderIdentifier, groupTag }),
    validateOnly: validateOnly ?? false,
    ...(batchId !== undefined && { batchId }),
  };
}
