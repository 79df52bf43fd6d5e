import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { replayRecorded, workflowSuite } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy, type RunPolicy } from '../policy/run-policy.js';
import type { AutomaticRegistrationActivities } from './automatic-registration.port.js';

const histories = new URL('./histories/', import.meta.url);

describe('the turn of automatic registration', () => {
  const suite = workflowSuite();

  /** Tenants in pages of two, each with so many pages of enrolled devices. */
  async function turn({ tenants = [1], fails = 0, policy = {} as Partial<RunPolicy> } = {}) {
    const seen: string[] = [];
    const turns = new Set<string>();
    let failures = fails;
    const activities: AutomaticRegistrationActivities = {
      findConvertingTenants: async (after) => {
        const first = Number(after ?? 0);
        const found = tenants.map((_, index) => `tenant-${index}`).slice(first, first + 2);
        return { tenants: found, next: first + 2 < tenants.length ? String(first + 2) : null };
      },
      convertDevices: async ({ tenantId, turn: name, after }) => {
        if (failures-- > 0) throw new Error('management does not answer');
        turns.add(name);
        const page = Number(after ?? 0) + 1;
        seen.push(`${tenantId} ${page}`);
        return { next: page < tenants[Number(tenantId.split('-')[1])]! ? String(page) : null };
      },
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const client = suite.client();
    const workflowId = `conversions/${randomUUID()}`;
    const whole = { ...defaultRunPolicy, firstRetryMs: 10, longestRetryMs: 50, ...policy };
    await worker.runUntil(client.workflow.execute('scheduledConversions', { taskQueue, workflowId, args: [whole] }));
    return { seen, turns, client, workflowId };
  }

  const severalTenants = () => turn({ tenants: [2, 1, 3] });

  it('goes through each tenant that converts, page by page', async () => {
    const { seen, turns } = await severalTenants();
    expect(seen).toEqual(['tenant-0 1', 'tenant-0 2', 'tenant-1 1', 'tenant-2 1', 'tenant-2 2', 'tenant-2 3']);
    expect(turns.size).toBe(1);
  });

  it('waits for management as long as it takes, and leaves nobody out', async () => {
    const { seen } = await turn({ tenants: [1, 1], fails: 3 });
    expect(seen).toEqual(['tenant-0 1', 'tenant-1 1']);
  });

  it('goes on in a new history when the old one is long, in the same turn, and asks nobody twice', async () => {
    const { seen, turns } = await turn({ tenants: [9, 9, 9, 9, 9, 9], policy: { historyBudget: 60 } });
    expect(seen).toHaveLength(54);
    expect(new Set(seen).size).toBe(54);
    expect(turns.size).toBe(1);
  });

  it('has recorded histories that replay against today’s code', async () => {
    const recordings: Record<string, () => ReturnType<typeof turn>> = {
      'several-tenants': severalTenants,
      nobody: () => turn({ tenants: [] }),
    };
    await replayRecorded(histories, recordings);
  });
});
