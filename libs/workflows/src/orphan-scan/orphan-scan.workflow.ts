import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { RunReference } from '../registration-order/registration-order.port.js';
import {
  scannedStores,
  scanPasses,
  type OrphanScanActivities,
  type ScannedStore,
  type ScanPass,
} from './orphan-scan.port.js';

export interface OrphanScanInput {
  run: RunReference;
  policy: RunPolicy;
  /** Where executions before this one have stopped. */
  pass: ScanPass;
  store: ScannedStore;
  after: string | null;
}

/**
 * Goes through each store and compares it with the others, some pages at a time. A scan that may repair goes through them twice: what
 * it finds the second time is what a repair did not help. What is found lies in PostgreSQL.
 */
export async function orphanScan(input: OrphanScanInput): Promise<{ found: number }> {
  const { run, policy } = input;
  const act = proxyActivities<OrphanScanActivities>(activityOptions(policy));

  const { closed, repairs } = await act.openOrphanScan(run);
  if (closed) return act.closeOrphanScan(run);

  let { store: from, after } = input;
  for (const pass of scanPasses.slice(scanPasses.indexOf(input.pass))) {
    if (pass === 'repairing' && !repairs) continue;
    for (const store of scannedStores.slice(scannedStores.indexOf(from))) {
      do {
        if (workflowInfo().historyLength > policy.historyBudget)
          await continueAsNew<typeof orphanScan>({ ...input, pass, store, after });
        ({ next: after } = await act.scanStore({ ...run, pass, store, after }));
      } while (after !== null);
    }
    from = scannedStores[0];
  }
  return act.closeOrphanScan(run);
}

/** What the schedule starts: asks for a scan of every active tenant. A tenant whose scan is under way has that one. */
export async function scheduledOrphanScans(policy: RunPolicy, from: string | null = null): Promise<void> {
  const act = proxyActivities<OrphanScanActivities>(activityOptions(policy));
  let after = from;
  do {
    if (workflowInfo().historyLength > policy.historyBudget)
      await continueAsNew<typeof scheduledOrphanScans>(policy, after);
    ({ next: after } = await act.requestScans(after));
  } while (after !== null);
}
