import {
  taskQueueFor,
  type ConsentScope,
  type ConsentState,
  type Correction,
  type PartnerStatus,
  type RunKind,
} from '@groundcrew/domain';
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

/** A body that has arrived whole, and what becomes of it. */
export interface ArrivedRun {
  runId: string;
  kind: RunKind;
  tenantId: string;
  /** Null where the tenant sends it itself. */
  partnerId: string | null;
  orderId: string | null;
  /** The consent it was accepted under; null where none is needed. */
  consentId: string | null;
  requestedBy: string;
  /** Gives verdicts and writes nothing else. */
  validateOnly: boolean;
  received: number;
  chunkCount: number;
  sourceFormat: SourceFormat;
  bodyDigest: Buffer;
  csvHeader: string | null;
  /** What was changed to read the file as a whole, and where its header stands. */
  corrected: { line: number; corrections: readonly Correction[] };
  defaults: RunDefaults;
}

/** An order whose body has arrived whole. */
export interface ArrivedOrder extends ArrivedRun {
  kind: 'registration_order';
  partnerId: string;
  orderId: string;
  consentId: string;
  /** Under which name its sender finds it again; nothing else of his for this customer has it. */
  batchId: string | null;
}

/**
 * Turns an arrived body into an order with its first run, in the caller's transaction.
 *
 * @returns null where the partner has another order of that name for the customer
 */
export async function acceptOrder(unit: Unit, order: ArrivedOrder): Promise<Run | null> {
  const { orderId, tenantId, partnerId, batchId } = order;
  const inserted = await unit.change(
    `insert into registry.device_order (id, tenant_id, partner_id, purchase_order, batch_id) values ($1, $2, $3, $4, $5)
     on conflict (partner_id, tenant_id, batch_id) where batch_id is not null do nothing`,
    [orderId, tenantId, partnerId, order.defaults.purchaseOrderIdentifier ?? null, batchId],
  );
  if (inserted === 0) return null;
  return await acceptRun(unit, order);
}

/**
 * Turns an arrived body into a run, in the caller's transaction: chunks are made from the parts without touching their bytes, and the
 * message in the outbox is what will start the run's workflow.
 *
 * @throws Error when the parts are not those the caller counted: they were swept, and nothing may be accepted
 */
export async function acceptRun(unit: Unit, run: ArrivedRun): Promise<Run> {
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, partner_id, order_id, task_queue, chunk_count, received, event_count,
       source_format, body_digest, csv_header, defaults, requested_by, consent_id, validate_only)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $12::jsonb, $13, $14, $15)`,
    [
      run.runId,
      run.kind,
      run.tenantId,
      run.partnerId,
      run.orderId,
      taskQueueFor(run.chunkCount),
      run.chunkCount,
      run.received,
      run.sourceFormat,
      run.bodyDigest,
      run.csvHeader,
      JSON.stringify(run.defaults),
      run.requestedBy,
      run.consentId,
      run.validateOnly,
    ],
  );
  const chunks = await unit.change(
    `insert into registry.run_chunk (run_id, number, tenant_id, first_line, line_count)
     select intake_id, number, $2::uuid, first_line, line_count from registry.intake_part where intake_id = $1`,
    [run.runId, run.tenantId],
  );
  const kept = await unit.change('update registry.intake set accepted = true where id = $1 and not accepted', [
    run.runId,
  ]);
  if (chunks !== run.chunkCount || kept !== 1) throw new Error(`the parts of intake ${run.runId} are not all there`);
  if (run.corrected.corrections.length > 0) {
    await unit.change(
      'insert into registry.run_correction (run_id, line, tenant_id, corrections) values ($1, $2, $3, $4::jsonb)',
      [run.runId, run.corrected.line, run.tenantId, JSON.stringify(run.corrected.corrections)],
    );
  }
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [run.runId, run.tenantId, JSON.stringify({ received: run.received, chunks: run.chunkCount })],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [run.runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [run.runId]);
  return await unit.em.findOneOrFail(RunRow, { id: run.runId });
}

/** Whether the caller's own tenant is here; it stays until the transaction ends. */
export async function holdTenant(unit: Unit, tenantId: string): Promise<boolean> {
  const [row] = await unit.query<{ here: boolean }>('select registry.hold_tenant($1) as here', [tenantId]);
  return row?.here ?? false;
}
