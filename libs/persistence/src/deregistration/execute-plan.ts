import { taskQueueFor } from '@groundcrew/domain';
import { reserveDevices, type HeldDevice } from '../exclusion/device-reservations.js';
import { RunRow, type Run } from '../rows/run.row.js';
import type { Unit } from '../scope/with-scope.js';
import type { DeregistrationPlan } from './plans.js';

/** How a plan is executed. */
export interface PlanExecution {
  runId: string;
  requestedBy: string;
  bodyDigest: Buffer;
  graceSeconds: number;
  recoveryKeysReason: string | null;
  /** Devices that one activity handles. */
  chunkSize: number;
}

/**
 * Makes a plan that is held still a run, in the caller's transaction: its devices are reserved, the ledger says what was captured of
 * each, and the message in the outbox is what will start the workflow.
 *
 * @returns devices that another run was faster with: then nothing of this may be kept
 */
export async function executePlan(
  unit: Unit,
  plan: DeregistrationPlan,
  execution: PlanExecution,
  deviceIds: readonly string[],
): Promise<{ held: HeldDevice[] } | { run: Run }> {
  const { runId } = execution;
  const chunks = Math.ceil(plan.devices / execution.chunkSize);
  await unit.change(
    `insert into registry.run (id, kind, tenant_id, partner_id, task_queue, chunk_count, received, event_count, source_format, body_digest,
       requested_by)
     values ($1, 'deregistration', $2, $3, $4, $5, $6, 1, 'json', $7, $8)`,
    [
      runId,
      plan.tenant_id,
      plan.partner_id,
      taskQueueFor(chunks),
      chunks,
      plan.devices,
      execution.bodyDigest,
      execution.requestedBy,
    ],
  );
  const held = await reserveDevices(
    (sql, values) => unit.query(sql, values),
    { runId, tenantId: plan.tenant_id, kind: 'deregistration' },
    deviceIds,
  );
  if (held.length > 0) return { held };
  await unit.change(
    `insert into registry.deregistration (run_id, tenant_id, plan_id, path, reason, grace_until, recovery_keys_reason)
     values ($1, $2, $3, $4, $5, case when $6 > 0 then now() + $6 * interval '1 second' end, $7)`,
    [runId, plan.tenant_id, plan.id, plan.path, plan.reason, execution.graceSeconds, execution.recoveryKeysReason],
  );
  await unit.change(
    `insert into registry.deregistration_device (run_id, device_id, tenant_id, chunk, position, step, steps, version, serial_number,
       managed_device_id, user_id, user_name, directory_object_id, computer_object_id)
     select $1, p.device_id, p.tenant_id, (p.position - 1) / $3 + 1, p.position, p.steps[1], p.steps, (p.facts ->> 'version')::integer,
       p.facts ->> 'serialNumber', p.facts ->> 'managedDeviceId', p.facts ->> 'userId', coalesce(p.facts ->> 'userName', p.facts ->> 'registeredUser'),
       p.facts ->> 'directoryObjectId', p.facts ->> 'computerObjectId'
     from registry.deregistration_plan_device p where p.plan_id = $2`,
    [runId, plan.id, execution.chunkSize],
  );
  await unit.change('update registry.deregistration_plan set run_id = $2 where id = $1', [plan.id, runId]);
  await unit.change(
    `insert into registry.run_event (run_id, seq, tenant_id, kind, data) values ($1, 1, $2, 'run.accepted', $3::jsonb)`,
    [
      runId,
      plan.tenant_id,
      JSON.stringify({ planId: plan.id, devices: plan.devices, path: plan.path, reason: plan.reason }),
    ],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', $1)`, [runId]);
  return { run: await unit.em.findOneOrFail(RunRow, { id: runId }) };
}
