import type {
  DeregistrationPath,
  DeregistrationReason,
  DeregistrationStep,
  PlanBlock,
  PlannedDevice,
  PlannedFacts,
} from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** A plan as it was frozen. */
export interface DeregistrationPlan {
  id: string;
  tenant_id: string;
  partner_id: string | null;
  path: DeregistrationPath;
  reason: DeregistrationReason;
  note: string | null;
  by_filter: boolean;
  author: string;
  devices: number;
  blocked: number;
  recovery_keys: number;
  assigned_users: number;
  steps: Partial<Record<DeregistrationStep, number>>;
  estimate_seconds: number;
  approved_by: string | null;
  approved_at: string | null;
  run_id: string | null;
  created_at: string;
  expires_at: string;
  expired: boolean;
}

const planColumns = `id, tenant_id, partner_id, path, reason, note, by_filter, author, devices, blocked, recovery_keys, assigned_users,
  steps, estimate_seconds, approved_by, approved_at, run_id, created_at, expires_at, expires_at < now() as expired`;

/** Freezes a plan. */
export async function addPlan(
  unit: Unit,
  plan: {
    id: string;
    tenantId: string;
    partnerId: string | null;
    path: DeregistrationPath;
    reason: DeregistrationReason;
    note: string | null;
    byFilter: boolean;
    author: string;
    estimateSeconds: number;
    minutes: number;
  },
  devices: readonly PlannedDevice[],
): Promise<DeregistrationPlan> {
  const steps: Partial<Record<DeregistrationStep, number>> = {};
  for (const device of devices) for (const step of device.steps) steps[step] = (steps[step] ?? 0) + 1;
  const [added] = await unit.query<DeregistrationPlan>(
    `insert into registry.deregistration_plan (id, tenant_id, partner_id, path, reason, note, by_filter, author, devices, blocked,
       recovery_keys, assigned_users, steps, estimate_seconds, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, now() + $15 * interval '1 minute')
     returning ${planColumns}`,
    [
      plan.id,
      plan.tenantId,
      plan.partnerId,
      plan.path,
      plan.reason,
      plan.note,
      plan.byFilter,
      plan.author,
      devices.length,
      devices.filter(({ blocks }) => blocks.length > 0).length,
      devices.filter(({ losses }) => losses.recoveryKeys > 0).length,
      devices.filter(({ losses }) => losses.userName !== null).length,
      JSON.stringify(steps),
      plan.estimateSeconds,
      plan.minutes,
    ],
  );
  await unit.change(
    `insert into registry.deregistration_plan_device (plan_id, position, tenant_id, device_id, facts, steps, blocks)
     select $1, w.position, $2, (w.facts ->> 'deviceId')::uuid, w.facts,
       array(select jsonb_array_elements_text(w.steps)), array(select jsonb_array_elements_text(w.blocks))
     from unnest($3::integer[], $4::jsonb[], $5::jsonb[], $6::jsonb[]) as w (position, facts, steps, blocks)`,
    [
      plan.id,
      plan.tenantId,
      devices.map((_, index) => index + 1),
      devices.map(({ facts }) => JSON.stringify(facts)),
      devices.map((device) => JSON.stringify(device.steps)),
      devices.map(({ blocks }) => JSON.stringify(blocks)),
    ],
  );
  return added!;
}

/** A plan of the caller's, held still where it is to be executed or approved. */
export async function findPlan(
  unit: Unit,
  tenantId: string,
  id: string,
  hold = false,
): Promise<DeregistrationPlan | null> {
  const [plan] = await unit.query<DeregistrationPlan>(
    `select ${planColumns} from registry.deregistration_plan where tenant_id = $1 and id = $2${hold ? ' for update' : ''}`,
    [tenantId, id],
  );
  return plan ?? null;
}

/** One line of a plan. */
export interface PlanLine {
  position: number;
  facts: PlannedFacts;
  steps: DeregistrationStep[];
  blocks: PlanBlock[];
}

export async function listPlanLines(unit: Unit, planId: string, page: Keyset<number>): Promise<Slice<PlanLine>> {
  return sliceOf(
    await unit.query<PlanLine>(
      `select position, facts, steps, blocks from registry.deregistration_plan_device
       where plan_id = $1 and position > $2 order by position limit $3`,
      [planId, page.after ?? 0, page.limit + 1],
    ),
    page.limit,
  );
}

export async function allPlanLines(unit: Unit, planId: string): Promise<PlanLine[]> {
  return await unit.query<PlanLine>(
    'select position, facts, steps, blocks from registry.deregistration_plan_device where plan_id = $1 order by position',
    [planId],
  );
}

export async function approvePlan(
  unit: Unit,
  tenantId: string,
  id: string,
  principal: string,
): Promise<DeregistrationPlan> {
  const [plan] = await unit.query<DeregistrationPlan>(
    `update registry.deregistration_plan set approved_by = $3, approved_at = now() where tenant_id = $1 and id = $2 returning ${planColumns}`,
    [tenantId, id, principal],
  );
  return plan!;
}
