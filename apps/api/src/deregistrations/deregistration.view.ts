import type {
  DeregistrationPlanView,
  DeregistrationView,
  GuardsView,
  HoldView,
  LedgerDeviceView,
  LedgerStepView,
  PlanLineView,
} from '@groundcrew/contracts';
import {
  deregistrationStrategies,
  pointOfNoReturn,
  theLine,
  type DeregistrationGuards,
  type DeregistrationStep,
} from '@groundcrew/domain';
import type {
  DeregistrationPlan,
  DeregistrationRecord,
  DeviceHold,
  LedgerDeviceRecord,
  LedgerStepRecord,
  PlanLine,
} from '@groundcrew/persistence';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { etagOf } from '../routes/versions.js';

export function toPlanView(plan: DeregistrationPlan, guards: DeregistrationGuards): DeregistrationPlanView {
  const strategy = deregistrationStrategies[plan.path];
  const needs: string[] = [];
  if (plan.blocked > 0) needs.push(`${plan.blocked} devices are held up: leave them out`);
  if (plan.devices > guards.secondPersonAbove && plan.approved_by === null) needs.push('approval by a second person');
  if (plan.by_filter) needs.push(`typedCount: ${plan.devices}`);
  if (guards.keepRecoveryKeys && plan.recovery_keys > 0) needs.push('recoveryKeysReason');
  return {
    id: plan.id,
    tenantId: plan.tenant_id,
    partnerId: plan.partner_id,
    path: plan.path,
    reason: plan.reason,
    note: plan.note,
    devices: plan.devices,
    byFilter: plan.by_filter,
    blocked: plan.blocked,
    losses: { recoveryKeys: plan.recovery_keys, assignedUsers: plan.assigned_users },
    steps: strategy.steps
      .filter(({ step }) => (plan.steps[step] ?? 0) > 0)
      .map(({ step }) => ({ step, devices: plan.steps[step]!, ...pointOfNoReturn[step], isTheLine: step === theLine })),
    remains: [...strategy.remains],
    needs,
    estimateSeconds: plan.estimate_seconds,
    author: plan.author,
    approvedBy: plan.approved_by,
    approvedAt: momentOrNull(plan.approved_at),
    operationId: plan.run_id,
    createdAt: momentOf(plan.created_at),
    expiresAt: momentOf(plan.expires_at),
  };
}

export function toPlanLineView({ position, facts, steps, blocks }: PlanLine): PlanLineView {
  return {
    position,
    deviceId: facts.deviceId,
    serialNumber: facts.serialNumber,
    managedDeviceId: facts.managedDeviceId,
    directoryObjectId: facts.directoryObjectId,
    assignedUser: facts.userName ?? facts.registeredUser ?? null,
    recoveryKeys: facts.recoveryKeys,
    steps,
    blocks,
    busyWith: facts.busyWith?.runId ?? null,
  };
}

export function toDeregistrationView(record: DeregistrationRecord): DeregistrationView {
  return {
    operationId: record.run_id,
    planId: record.plan_id,
    path: record.path,
    reason: record.reason,
    graceUntil: momentOrNull(record.grace_until),
    devices: record.states,
    attention: record.codes,
    restored: record.states.restored ?? 0,
    wentForward: record.crossed,
  };
}

export function toLedgerDeviceView(record: LedgerDeviceRecord): LedgerDeviceView {
  return {
    position: record.position,
    deviceId: record.device_id,
    serialNumber: record.serial_number,
    managedDeviceId: record.managed_device_id,
    directoryObjectId: record.directory_object_id,
    assignedUser: record.user_name,
    chunk: record.chunk,
    state: record.state,
    step: record.step as DeregistrationStep,
    attempt: record.attempt,
    crossedAt: momentOrNull(record.crossed_at),
    goingBack: record.undoing,
    keptBecause: record.kept_because,
    code: record.code,
    difference: record.difference,
    waitingFor: record.waiting_for,
    nextTryAt: momentOrNull(record.next_try_at),
    endedAt: momentOrNull(record.ended_at),
  };
}

export function toLedgerStepView(record: LedgerStepRecord): LedgerStepView {
  return {
    position: record.position,
    deviceId: record.device_id,
    step: record.step,
    attempt: record.attempt,
    state: record.state,
    requestedAt: momentOf(record.requested_at),
    acceptedAt: momentOrNull(record.accepted_at),
    observedAt: momentOrNull(record.observed_at),
    answeredBy: record.answered_by,
    nextTryAt: momentOrNull(record.next_try_at),
    why: record.why,
  };
}

export function toGuardsView(guards: DeregistrationGuards, version: number): GuardsView {
  return { ...guards, etag: etagOf(version) };
}

export function toHoldView(hold: DeviceHold): HoldView {
  return {
    deviceId: hold.device_id,
    kind: hold.kind,
    reason: hold.reason,
    placedBy: hold.placed_by,
    placedAt: momentOf(hold.placed_at),
  };
}
