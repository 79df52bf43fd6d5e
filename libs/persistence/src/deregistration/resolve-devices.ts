import type { CourseState, DeregistrationStep } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** What becomes of a device that a person resolved. */
export interface ResolvedDevice {
  deviceId: string;
  state: CourseState;
  step: DeregistrationStep;
  /** The step is asked for again, with a new attempt. */
  again: boolean;
  /** The step at which it stood is passed over, for that reason. */
  skippedStep: DeregistrationStep | null;
  undoing: boolean;
}

/**
 * Writes down what a person decided about devices that are held still, and leaves the message that tells the run. Nothing is asked of
 * anybody here; a device that ends with this is ended by the run itself.
 */
export async function resolveDevices(
  unit: Unit,
  run: { runId: string; tenantId: string },
  resolved: readonly ResolvedDevice[],
  reason: string | null,
): Promise<void> {
  const ids = resolved.map(({ deviceId }) => deviceId);
  await unit.change(
    `update registry.deregistration_step s set state = 'skipped', why = $4
     from unnest($2::uuid[], $3::text[]) as w (device_id, step)
     where s.run_id = $1 and s.device_id = w.device_id and s.step = w.step and s.state <> 'observed' and w.step is not null`,
    [run.runId, ids, resolved.map(({ skippedStep }) => skippedStep), reason],
  );
  await unit.change(
    `update registry.deregistration_device d
     set state = w.state, step = w.step, undoing = w.undoing, code = null,
         difference = case when w.state = 'abandoned' then concat_ws('; ', d.difference, $7::text) end,
         skipped = d.skipped or w.skipped,
         attempt = case when w.again or w.skipped then 1 + coalesce((select max(s.attempt) from registry.deregistration_step s
             where s.run_id = d.run_id and s.device_id = d.device_id and s.step = w.step), 0) else d.attempt end,
         waiting_for = null, next_try_at = null
     from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $8::boolean[])
       as w (device_id, state, step, again, skipped, undoing)
     where d.run_id = $1 and d.device_id = w.device_id`,
    [
      run.runId,
      ids,
      resolved.map(({ state }) => state),
      resolved.map(({ step }) => step),
      resolved.map(({ again }) => again),
      resolved.map(({ skippedStep }) => skippedStep !== null),
      reason,
      resolved.map(({ undoing }) => undoing),
    ],
  );
  await unit.change(`insert into registry.outbox (run_id, topic) values ($1, 'retry_run')`, [run.runId]);
  await unit.query(`select pg_notify('groundcrew_outbox', '')`);
}
