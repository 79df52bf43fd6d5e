import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { replayRecorded, workflowSuite } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy } from '../policy/run-policy.js';
import type { RepairActivities, RepairStanding } from './repair.port.js';
import type { RepairInput } from './repair.workflow.js';

const histories = new URL('./histories/', import.meta.url);

describe('waiting for a workshop', () => {
  const suite = workflowSuite();

  /** Each look finds the next of these standings; after the looks named, something moves. */
  async function run(standings: RepairStanding[], { movedAfter = [] as number[], historyBudget = 1_500 } = {}) {
    const seen: string[] = [];
    const client = suite.client();
    const input: RepairInput = {
      run: { runId: randomUUID(), tenantId: randomUUID() },
      policy: { ...defaultRunPolicy, firstRetryMs: 10, longestRetryMs: 50, historyBudget },
      patience: { reminderMs: 1_000, expiryMs: 5_000 },
    };
    const workflowId = `repair/${input.run.runId}`;
    let looks = 0;
    const activities: RepairActivities = {
      openRepair: async () => void seen.push('open'),
      advanceRepair: async ({ patience }) => {
        expect(patience).toEqual(input.patience);
        seen.push('look');
        looks += 1;
        // While the look is still under way: what moves then must not be lost.
        if (movedAfter.includes(looks)) await client.workflow.getHandle(workflowId).signal('repairMoved');
        return standings[looks - 1]!;
      },
      closeRepair: async () => {
        seen.push('close');
        return { outcome: 'closed' };
      },
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const { outcome } = await worker.runUntil(
      client.workflow.execute('repair', { taskQueue, workflowId, args: [input] }),
    );
    return { seen, outcome, client, workflowId };
  }

  const waiting = { over: false, dueInMs: null };
  const over = { over: true, dueInMs: null };
  const journey = () => run([waiting, { over: false, dueInMs: 60_000 }, waiting, over], { movedAfter: [1, 2, 3] });
  const reminded = () => run([{ over: false, dueInMs: 150 }, { over: false, dueInMs: 150 }, over]);

  it('looks again whenever something moved, and closes when the case is over', async () => {
    const { seen, outcome } = await journey();
    expect({ seen, outcome }).toEqual({ seen: ['open', 'look', 'look', 'look', 'look', 'close'], outcome: 'closed' });
  });

  it('looks by itself when something falls due', async () => {
    const { seen } = await reminded();
    expect(seen).toEqual(['open', 'look', 'look', 'look', 'close']);
  });

  it('goes on in a new history when the old one is long', async () => {
    const due = { over: false, dueInMs: 20 };
    const { seen, client, workflowId } = await run([due, due, due, over], { historyBudget: 15 });
    expect(seen.filter((step) => step === 'look')).toHaveLength(4);
    expect(seen.filter((step) => step === 'open').length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe('close');
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    expect(events!.length).toBeLessThan(40);
  });

  describe('recorded histories', () => {
    const recordings: Record<string, () => ReturnType<typeof run>> = { journey, reminded };

    it('replay against today’s code', async () => {
      await replayRecorded(histories, recordings);
    });
  });
});
