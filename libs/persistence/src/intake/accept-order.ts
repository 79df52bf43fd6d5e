import { taskQueueFor, type ConsentScope, type ConsentState, type PartnerStatus } from '@groundcrew/domain';
import { RunRow, type Run, type RunDefaults, type SourceFormat } from '../rows/run.row.js';
import type { Unit } from '../scope/with-scope.js';

/** What is known about a partner's right to register for a tenant. Both rows are held until the transaction ends. */
export interface RegistrationAuthority {
  tenantKnown: boolean;
  partnerStatus: PartnerStatus | null;
  consentId: string | null;
  consentState: ConsentState | null;
  scope: ConsentScope;
  /** Devices registered under the consent; counted where its scope has a quantity. */
  registered: number;
}

/** Asks for, and holds still, what the decision about an order rests on. */
export async function lockRegistrationAuthority(
  unit: Unit,
  partnerId: string,
  tenantId: string,
): Promise<RegistrationAuthority> {
  const [row] = await unit.query<{
    tenant_known: boolean;
    partner_status: PartnerStatus | null;
    consent_id: string | null;
    consent_state: ConsentState | null;
    scope: ConsentScope | null;
    registered: number | null;
  }>(
    `select tenant_known, partner_status, consent_id, consent_state, scope, registered
     from registry.lock_registration_authority($1, $2)`,
    [partnerId, tenantId],
  );
  return {
    tenantKnown: row?.tenant_known ?? false,
    partnerStatus: row?.partner_status ?? null,
    consentId: row?.consent_id ?? null,
    consentState: row?.consent_state ?? null,
    scope: row?.scope ?? {},
    registered: row?.registered ?? 0,
  };
}

/** An order whose body has arrived whole. */
export interface ArrivedOrder {
  runId: string;
  orderId: string;
  tenantId: string;
  partnerId: string;
  /** The consent it was accepted under. */
  consentId: string;
  requestedBy: string;
  received: number;
  chunkCount: number;
  sourceFormat: SourceFormat;
  bodyDigest: Buffer;
  csvHeader: string | null;
  defaults: RunDefaults;
}

/**
 * Turns an arrived body into an order with its run, in the caller's transaction: chunks are made from the parts without
 * touching their bytes, and the message in the outbox is what will start the run's workflow.
 *
 * @throws Error when the parts are not those the caller counted: they were swept, and nothing may be accepted
 */
export async function acceptOrder(unit: Unit, order: ArrivedOrder): Promise<Run> {
  await unit.change(
    'insert into registry.device_order (id, tenant_id, partner_id, purchase_order) values ($1, $2, $3, $4)',
    [order.orderId, order.tenantId, order.partnerId, order.defaults.purchaseOrderIdentifier ?? null],
  );
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, partner_id, order_id, task_queue, chunk_count, received, event_count,
       source_format, body_digest, csv_header, defaults, requested_by, consent_id)
     values ($1, 'registration_order', $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11::jsonb, $12, $13)`,
    [
      order.runId,
      order.tenantId,
      order.partnerId,
      order.orderId,
      taskQueueFor(order.chunkCount),
      order.chunkCount,
      order.received,
      order.sourceFormat,
      order.bodyDigest,
      order.csvHeader,
      JSON.stringify(order.defaults),
      order.requestedBy,
      order.consentId,
    ],
  );
  const chunks = await unit.change(
    `insert into registry.run_chunk (run_id, number, tenant_id, first_line, line_count)
     select intake_id, number, $2::uuid, first_line, line_count from registry.intake_part where intake_id = $1`,
    [order.runId, order.tenantId],
  );
  const kept = await unit.change('update registry.intake set accepted = true where id = $1 and not accepted', [
    order.runId,
  ]);
  if (chunks !== order.chunkCount || kept !== 1)
    throw new Error(`the parts of intake ${order.runId} are not all there`);
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [order.runId, order.tenantId, JSON.stringify({ received: order.received, chunks: order.chunkCount })],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [order.runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [order.runId]);
  return await unit.em.findOneOrFail(RunRow, { id: order.runId });
}
