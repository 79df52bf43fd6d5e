import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { activityOptions, type RunPolicy } from '../policy/run-policy.js';
import type { AutomaticRegistrationActivities } from './automatic-registration.port.js';

/**
 * What the schedule starts: goes through the tenants that convert devices, and through each one's enrolled devices. What it finds
 * becomes runs of their own; switching the setting off ends this, and deregisters nobody.
 */
export async function scheduledConversions(policy: RunPolicy, from: string | null = null): Promise<void> {
  const act = proxyActivities<AutomaticRegistrationActivities>(activityOptions(policy));
  const turn = workflowInfo().firstExecutionRunId;
  let after = from;
  do {
    if (workflowInfo().historyLength > policy.historyBudget)
      await continueAsNew<typeof scheduledConversions>(policy, after);
    const { tenants, next } = await act.findConvertingTenants(after);
    for (const tenantId of tenants) {
      let device: string | null = null;
      do ({ next: device } = await act.convertDevices({ tenantId, turn, after: device }));
      while (device !== null);
    }
    after = next;
  } while (after !== null);
}
