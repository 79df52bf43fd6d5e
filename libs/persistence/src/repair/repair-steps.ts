import { stepEndsBy, stepOfRepair, type RepairStep } from '@groundcrew/domain';
import type pg from 'pg';
import type { RunKey } from '../registration/run-store.js';
import type { LockedRepair } from './locked-repair.js';

/** What a repair waits for now. */
export interface AwaitedStep {
  step: RepairStep;
  /** In words: whose turn it is. */
  waitingFor: string;
  /** When something happens by itself, in milliseconds; null: when somebody moves. */
  nextTryMs: number | null;
}

/**
 * Shows in the run's steps what the repair waits for: the step that it leaves behind has ended, the next one is asked for. Asked again
 * for the same, it is the same attempt.
 *
 * @param left how the step before ended
 */
export async function showStep(
  client: pg.PoolClient,
  key: RunKey,
  left: 'observed' | 'refused',
  awaited: AwaitedStep | null,
): Promise<void> {
  await client.query({
    name: 'repair_step_left',
    text: `update registry.run_step
           set state = $3, accepted_at = coalesce(accepted_at, clock_timestamp()), waiting_for = null, next_try_at = null,
               observed_at = case when $3 = 'observed' then clock_timestamp() end
           where run_id = $1 and chunk = 1 and device_id is null and step is distinct from $2 and state in ('requested', 'accepted')`,
    values: [key.runId, awaited?.step ?? null, left],
  });
  if (awaited === null) return;
  await client.query({
    name: 'repair_step_awaited',
    text: `insert into registry.run_step as s (run_id, step, chunk, tenant_id, state, devices, attempts, waiting_for, next_try_at)
           values ($1, $2, 1, $3, 'requested', 1, 1, $4, clock_timestamp() + $5::float8 * interval '1 millisecond')
           on conflict (run_id, step, chunk, device_id) do update
             set state = 'requested', accepted_at = null, observed_at = null, waiting_for = excluded.waiting_for,
                 next_try_at = excluded.next_try_at, attempts = s.attempts + (s.state in ('observed', 'refused'))::integer`,
    values: [key.runId, awaited.step, key.tenantId, awaited.waitingFor, awaited.nextTryMs],
  });
}

/** What is waited for, as the case says it. */
export function awaitedStep(repair: LockedRepair, dueInMs: number | null): AwaitedStep | null {
  const step = stepOfRepair[repair.state];
  if (step === null) return null;
  const waitingFor: Record<AwaitedStep['step'], string> = {
    deregister_device: `run ${repair.deregistration_run_id}, which takes the old registration out`,
    await_hash: repair.problem?.message ?? 'the workshop, for the hash of the new board',
    register_new_hash: `run ${repair.registration_run_id}, which registers the new hash`,
    restore_registration: `run ${repair.restore_run_id}, which brings the old registration back`,
    assign_user: 'management',
  };
  return { step, waitingFor: waitingFor[step], nextTryMs: dueInMs };
}

/** What a command of the API began stands in the steps as soon as the run looks. */
export async function showWhereItStands(
  client: pg.PoolClient,
  key: RunKey,
  repair: LockedRepair,
  dueInMs: number | null = null,
): Promise<void> {
  const left = stepEndsBy[repair.state === 'restoring' ? 'cancel' : 'hash_submitted'];
  await showStep(client, key, left, awaitedStep(repair, dueInMs));
}
