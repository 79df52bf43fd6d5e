import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { replayRecorded, workflowSuite } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy } from '../policy/run-policy.js';
import type { ConsentActivities } from './consent.port.js';
import type { ConsentInput } from './consent.workflow.js';

const histories = new URL('./histories/', import.meta.url);

describe('waiting for a consent', () => {
  const suite = workflowSuite();

  /** Waits with real timers; a decision comes with the reminder of that number. */
  async function run(
    waits: { reminderMs: number; expiryMs: number },
    { decidedAtReminder = 0, waitedMs = 0, decidedBefore = false, own = {} as Partial<ConsentActivities> } = {},
  ) {
    const seen: string[] = [];
    let state: 'requested' | 'granted' | 'expired' = decidedBefore ? 'granted' : 'requested';
    const client = suite.client();
    const input: ConsentInput = {
      run: { runId: randomUUID(), tenantId: randomUUID() },
      policy: { ...defaultRunPolicy, firstRetryMs: 10, longestRetryMs: 50 },
      consent: waits,
    };
    const workflowId = `consent/${input.run.runId}`;
    const activities: ConsentActivities = {
      openConsentRun: async () => ({ decided: state !== 'requested', reminders: 0, waitedMs }),
      remindOfConsent: async ({ number }) => {
        seen.push(`remind ${number}`);
        if (number === decidedAtReminder) {
          state = 'granted';
          await client.workflow.getHandle(workflowId).signal('consentDecided');
        }
        return { decided: false };
      },
      expireConsent: async () => {
        seen.push('expire');
        const expired = state === 'requested';
        if (expired) state = 'expired';
        return { expired };
      },
      closeConsentRun: async () => ({ outcome: state }),
      ...own,
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const { outcome } = await worker.runUntil(
      client.workflow.execute('consent', { taskQueue, workflowId, args: [input] }),
    );
    return { seen, outcome, client, workflowId };
  }

  it('reminds until it expires', async () => {
    const { seen, outcome } = await run({ reminderMs: 300, expiryMs: 1_000 });
    expect({ seen, outcome }).toEqual({ seen: ['remind 1', 'remind 2', 'remind 3', 'expire'], outcome: 'expired' });
  });

  it('ends with the decision, and reminds nobody after it', async () => {
    const { seen, outcome } = await run({ reminderMs: 200, expiryMs: 60_000 }, { decidedAtReminder: 2 });
    expect({ seen, outcome }).toEqual({ seen: ['remind 1', 'remind 2'], outcome: 'granted' });
  });

  it('that was decided before the run began ends at once', async () => {
    expect(await run({ reminderMs: 60_000, expiryMs: 90_000 }, { decidedBefore: true })).toMatchObject({
      seen: [],
      outcome: 'granted',
    });
  });

  it('counts what was waited before the run began: a late start moves no expiry and repeats no reminder', async () => {
    const { seen, outcome } = await run({ reminderMs: 300, expiryMs: 1_000 }, { waitedMs: 650 });
    expect({ seen, outcome }).toEqual({ seen: ['remind 3', 'expire'], outcome: 'expired' });
  });

  it('leaves a decision that came with the expiry as it was', async () => {
    const { outcome } = await run(
      { reminderMs: 60_000, expiryMs: 200 },
      {
        own: { expireConsent: async () => ({ expired: false }), closeConsentRun: async () => ({ outcome: 'granted' }) },
      },
    );
    expect(outcome).toBe('granted');
  });

  describe('recorded histories', () => {
    const recordings: Record<string, () => ReturnType<typeof run>> = {
      expired: () => run({ reminderMs: 300, expiryMs: 1_000 }),
      granted: () => run({ reminderMs: 200, expiryMs: 60_000 }, { decidedAtReminder: 2 }),
      'decided-before': () => run({ reminderMs: 60_000, expiryMs: 90_000 }, { decidedBefore: true }),
    };

    it('replay against today’s code', async () => {
      await replayRecorded(histories, recordings);
    });
  });
});
