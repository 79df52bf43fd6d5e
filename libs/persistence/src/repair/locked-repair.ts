import type { RepairProblem, RepairState } from '@groundcrew/domain';
import type pg from 'pg';
import type { RunKey } from '../registration/run-store.js';

/** A case that is held still by the run that moves it. */
export interface LockedRepair {
  id: string;
  state: RepairState;
  device_id: string;
  deregistration_run_id: string;
  registration_run_id: string | null;
  restore_run_id: string | null;
  new_device_id: string | null;
  why: string;
  user_id: string | null;
  user_name: string | null;
  assigned_user: string | null;
  display_name: string | null;
  problem: RepairProblem | null;
  reminders: number;
  waited_ms: number | null;
}

export async function lockRepair(client: pg.PoolClient, key: RunKey): Promise<LockedRepair> {
  const { rows } = await client.query<LockedRepair>({
    name: 'lock_repair',
    text: `select id, state, device_id, deregistration_run_id, registration_run_id, restore_run_id, new_device_id, why, user_id,
             user_name, assigned_user, display_name, problem, reminders,
             (extract(epoch from clock_timestamp() - waiting_since) * 1000)::float8 as waited_ms
           from registry.repair_case where id = $1 for update`,
    values: [key.runId],
  });
  if (rows[0] === undefined) throw new Error(`there is no repair ${key.runId} in tenant ${key.tenantId}`);
  return rows[0];
}
