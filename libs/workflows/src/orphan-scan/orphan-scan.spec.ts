import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { replayRecorded, workflowSuite, type Recorded } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy, type RunPolicy } from '../policy/run-policy.js';
import type { OrphanScanActivities } from './orphan-scan.port.js';
import type { OrphanScanInput } from './orphan-scan.workflow.js';

const histories = new URL('./histories/', import.meta.url);

describe('a scan for orphans', () => {
  const suite = workflowSuite();

  /** Runs against stores of the test's own, each of so many parts. */
  async function run({ parts = 1, repairs = false, closed = false, policy = {} as Partial<RunPolicy> } = {}) {
    const seen: string[] = [];
    const next = (after: string | null, most: number) => {
      const part = Number(after ?? 0) + 1;
      return { next: part < most ? String(part) : null };
    };
    const activities: OrphanScanActivities = {
      openOrphanScan: async () => ({ closed, repairs }),
      scanStore: async ({ pass, store, after }) => {
        seen.push(`${pass} ${store} ${after ?? 'first'}`);
        return next(after, parts);
      },
      closeOrphanScan: async () => ({ found: seen.length }),
      requestScans: async (after) => {
        seen.push(`request ${after ?? 'first'}`);
        return next(after, parts);
      },
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const client = suite.client();
    const whole = { ...defaultRunPolicy, ...policy };
    const input: OrphanScanInput = {
      run: { runId: randomUUID(), tenantId: randomUUID() },
      policy: whole,
      pass: 'repairing',
      store: 'registration',
      after: null,
    };
    const execute = async (type: string, args: unknown[]) => {
      const workflowId = `${type}/${randomUUID()}`;
      const result = await worker.runUntil(client.workflow.execute(type, { taskQueue, workflowId, args }));
      return { seen, result, client, workflowId };
    };
    return {
      scan: () => execute('orphanScan', [input]),
      schedule: () => execute('scheduledOrphanScans', [whole]),
    };
  }

  const stores = ['registration', 'directory', 'management', 'partner_view'];

  it('goes through every store, part by part, and closes', async () => {
    const { seen, result } = await (await run({ parts: 2 })).scan();
    expect(seen).toEqual(stores.flatMap((store) => [`comparing ${store} first`, `comparing ${store} 1`]));
    expect(result).toEqual({ found: 8 });
  });

  it('repairs first where it may, and looks again', async () => {
    const { seen } = await (await run({ repairs: true })).scan();
    expect(seen).toEqual(['repairing', 'comparing'].flatMap((pass) => stores.map((store) => `${pass} ${store} first`)));
  });

  it('hands over to a next execution when its history is long, and leaves out and repeats nothing', async () => {
    const { seen } = await (await run({ parts: 7, repairs: true, policy: { historyBudget: 40 } })).scan();
    expect(seen).toHaveLength(2 * 4 * 7);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('leaves a scan alone that is closed already', async () => {
    const { seen } = await (await run({ closed: true })).scan();
    expect(seen).toEqual([]);
  });

  it('asks for the scans of all tenants when its time has come, also when there are many', async () => {
    const { seen } = await (await run({ parts: 30, policy: { historyBudget: 40 } })).schedule();
    expect(seen).toHaveLength(30);
    expect(new Set(seen).size).toBe(30);
  });

  it('has recorded histories that replay against today’s code and hold ids and numbers only', async () => {
    const recordings: Record<string, () => Promise<Recorded>> = {
      repairing: async () => (await run({ parts: 2, repairs: true })).scan(),
      'closed-before': async () => (await run({ closed: true })).scan(),
      scheduled: async () => (await run({ parts: 2 })).schedule(),
    };
    const texts = await replayRecorded(histories, recordings);
    const known = [
      ...['run', 'runId', 'tenantId', 'policy', 'pass', 'store', 'after', 'closed', 'repairs', 'next', 'found'],
      ...Object.keys(defaultRunPolicy),
    ];
    for (const text of texts) {
      const payloads = [...text.matchAll(/"data": "([^"]+)"/g)].map((match) =>
        Buffer.from(match[1]!, 'base64').toString('utf8'),
      );
      const words = payloads.flatMap((payload) => [...payload.matchAll(/"([A-Za-z]+)":/g)].map((match) => match[1]!));
      expect([...new Set(words)].filter((word) => !known.includes(word))).toEqual([]);
    }
  });
});
