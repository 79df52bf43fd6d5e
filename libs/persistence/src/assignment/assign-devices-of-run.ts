import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { lockRun, type RunKey } from '../registration/run-store.js';
import { requestAssignment, type AssignmentCauseKind } from './request-assignment.js';

/** Devices that a run changed or brought back may be due another profile. The run's row comes before the tenant's demand. */
export async function assignDevicesOfRun(
  client: pg.PoolClient,
  key: RunKey,
  kind: AssignmentCauseKind,
  devices: readonly string[],
): Promise<void> {
  if (devices.length === 0) return;
  await lockRun(client, key);
  await requestAssignment(askOf(client), key.tenantId, {
    kind,
    subject: key.runId,
    requestedBy: 'service:worker',
    devices,
  });
}
