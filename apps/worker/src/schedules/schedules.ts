import type { RunPolicy } from '@groundcrew/workflows';
import type { Workflow } from '@temporalio/common';
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';

export interface ScheduleSettings {
  taskQueuePrefix: string;
  policy: RunPolicy;
  /** From one scan for orphans to the next, in milliseconds. */
  orphanScanMs: number;
  /** From one look for devices to register automatically to the next, in milliseconds. */
  conversionMs: number;
}

/** A schedule of ours says everything. */
type Turn = Required<Pick<ScheduleOptions, 'scheduleId' | 'spec' | 'policies'>> & {
  action: ScheduleOptionsStartWorkflowAction<Workflow>;
};

/** After an outage only the latest turn matters. */
const catchupWindow = '10 minutes';

/** What happens by itself, from time to time. */
export function schedulesOf(settings: ScheduleSettings): Turn[] {
  return [
    turn(settings, 'orphan-scans', 'scheduledOrphanScans', settings.orphanScanMs),
    turn(settings, 'conversions', 'scheduledConversions', settings.conversionMs),
  ];
}

function turn({ taskQueuePrefix, policy }: ScheduleSettings, name: string, workflowType: string, every: number): Turn {
  return {
    scheduleId: `${taskQueuePrefix}${name}`,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: `${taskQueuePrefix}${name}`,
      taskQueue: `${taskQueuePrefix}bulk`,
      args: [policy],
    },
  };
}

/** Creates the schedules, and brings those that are there up to date: doing it twice changes nothing. */
export async function ensureSchedules(client: Client, settings: ScheduleSettings): Promise<void> {
  for (const options of schedulesOf(settings)) {
    try {
      await client.schedule.create(options);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const { spec, policies, action } = options;
      await client.schedule.getHandle(options.scheduleId).update((before) => ({ ...before, spec, policies, action }));
    }
  }
}
