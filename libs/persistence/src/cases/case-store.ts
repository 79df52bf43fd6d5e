import type { CaseState } from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Scope, Unit } from '../scope/with-scope.js';

/** A request to have Surface devices registered. */
export interface SurfaceCase {
  id: string;
  tenantId: string;
  domain: string;
  serialNumbers: string[];
  state: CaseState;
  reason: string | null;
  openedBy: string;
  decidedAt: string | null;
  runId: string | null;
  createdAt: string;
}

/** The context of a proof of ownership. */
export function proofContext(caseId: string): string {
  return `surface-case/${caseId}`;
}

export async function openCase(
  unit: Unit,
  opened: Pick<SurfaceCase, 'id' | 'tenantId' | 'domain' | 'serialNumbers' | 'openedBy'> & { sealedProof: Buffer },
): Promise<SurfaceCase> {
  await unit.change(
    `insert into registry.surface_case (id, tenant_id, domain, serial_numbers, opened_by) values ($1, $2, $3, $4, $5)`,
    [opened.id, opened.tenantId, opened.domain, opened.serialNumbers, opened.openedBy],
  );
  await unit.change('insert into registry.surface_case_proof (case_id, tenant_id, sealed) values ($1, $2, $3)', [
    opened.id,
    opened.tenantId,
    opened.sealedProof,
  ]);
  return (await findCase(unit, opened.id))!;
}

const columns = `id, tenant_id as "tenantId", domain, serial_numbers as "serialNumbers", state, reason, opened_by as "openedBy",
  decided_at as "decidedAt", run_id as "runId", created_at as "createdAt"`;

export async function findCase(unit: Unit, id: string): Promise<SurfaceCase | null> {
  const [found] = await unit.query<SurfaceCase>(`select ${columns} from registry.surface_case where id = $1`, [id]);
  return found ?? null;
}

/** The same, held until the transaction ends, for whoever decides it. */
export async function lockCase(unit: Unit, id: string): Promise<SurfaceCase | null> {
  const [found] = await unit.query<SurfaceCase>(
    `select ${columns} from registry.surface_case where id = $1 for update`,
    [id],
  );
  return found ?? null;
}

/** Cases in the caller's scope, newest first; where a state is asked for, only those. */
export async function listCases(
  unit: Unit,
  state: CaseState | null,
  page: Keyset<string>,
): Promise<Slice<SurfaceCase>> {
  const found = await unit.query<SurfaceCase>(
    `select ${columns} from registry.surface_case
     where ($1::uuid is null or id < $1) and ($2::text is null or state = $2) order by id desc limit $3`,
    [page.after, state, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/** The sealed proof of ownership. */
export async function readProof(unit: Unit, caseId: string): Promise<Buffer | null> {
  const [found] = await unit.query<{ sealed: Buffer }>(
    'select sealed from registry.surface_case_proof where case_id = $1',
    [caseId],
  );
  return found?.sealed ?? null;
}

/** Writes down a decision about a case that is held. */
export async function saveDecision(
  unit: Unit,
  id: string,
  decision: { state: CaseState; reason: string | null; decidedBy: string; runId: string | null },
): Promise<SurfaceCase> {
  await unit.change(
    `update registry.surface_case set state = $2, reason = $3, decided_by = $4, decided_at = now(), run_id = $5, version = version + 1
     where id = $1`,
    [id, decision.state, decision.reason, decision.decidedBy, decision.runId],
  );
  return (await findCase(unit, id))!;
}

/** Keeps a case's rows as the one part of a body, in the transaction that accepts it. */
export async function keepCaseRows(
  unit: Unit,
  scope: Scope,
  rows: { runId: string; tenantId: string; lines: number; sealed: Buffer },
): Promise<void> {
  await unit.change(
    `insert into registry.intake (id, principal, tenant_id, lease_until) values ($1, $2, $3, now() + interval '1 minute')`,
    [rows.runId, scope.principal, rows.tenantId],
  );
  await unit.change(
    `insert into registry.intake_part (intake_id, number, principal, first_line, line_count, body) values ($1, 1, $2, 1, $3, $4)`,
    [rows.runId, scope.principal, rows.lines, rows.sealed],
  );
}
