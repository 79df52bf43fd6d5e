import { describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { replayRecorded, workflowSuite } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy } from '../policy/run-policy.js';
import type { DeregistrationActivities, Standing } from './deregistration.port.js';
import type { DeregistrationInput } from './deregistration.workflow.js';

const histories = new URL('./histories/', import.meta.url);
const closed: Standing = { closed: true, totals: { devices: 1, restored: 0, wentForward: 1 } };
const chunk = (number: number, more: object = {}) => ({
  chunk: number,
  undo: false,
  steps: ['retire_management', 'remove_registration', 'sync'] as (
    'retire_management' | 'remove_registration' | 'sync'
  )[],
  ...more,
});

describe('the story of a deregistration', () => {
  const suite = workflowSuite();

  /** @param standings what the ledger says each time it is asked; the last is said again */
  async function run(
    standings: Standing[],
    own: Partial<DeregistrationActivities> = {},
    more: { signalAt?: string; historyBudget?: number; heartbeatMs?: number } = {},
  ) {
    const seen: string[] = [];
    const client = suite.client();
    const workflowId = `deregistration/${randomUUID()}`;
    const tell = () => client.workflow.getHandle(workflowId).signal('runCommanded');
    const note = async (what: string) => {
      seen.push(what);
      if (what === more.signalAt && seen.filter((each) => each === what).length === 1) await tell();
    };
    let asked = 0;
    const activities: DeregistrationActivities = {
      openDeregistration: async () => ({ closed: false, path: 'tenant_admin', graceMs: 0 }),
      standing: async ({ each }) => {
        await note(`standing ${each}`);
        return standings[Math.min(asked++, standings.length - 1)]!;
      },
      removeRegistrations: async ({ chunk: number }) => {
        await note(`remove ${number}`);
        return { cancelled: false };
      },
      takeSteps: async ({ chunk: number, steps }) => {
        for (const step of steps) await note(`${step} ${number}`);
        return { cancelled: false, left: [] };
      },
      undoStep: async ({ chunk: number, step }) => note(`undo ${step} ${number}`),
      verifyRestored: async ({ chunk: number }) => note(`verify ${number}`),
      ...own,
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const input: DeregistrationInput = {
      run: { runId: randomUUID(), tenantId: randomUUID() },
      policy: {
        ...defaultRunPolicy,
        chunksInFlight: 1,
        firstRetryMs: 10,
        longestRetryMs: 50,
        historyBudget: more.historyBudget ?? 1_500,
        ...(more.heartbeatMs !== undefined && { heartbeatMs: more.heartbeatMs }),
      },
      onlyWhoWasLeftBehind: false,
    };
    const totals = await worker.runUntil(
      client.workflow.execute('deregistration', { taskQueue, workflowId, args: [input] }),
    );
    return { seen, totals, client, workflowId };
  }

  const wholly = () => run([{ closed: false, due: [chunk(1), chunk(2)] }, closed]);
  const cancelledAtTheLine = () => {
    let crossed = false;
    return run([{ closed: false, due: [chunk(1)] }, closed], {
      removeRegistrations: async () => {
        if (crossed) throw ApplicationFailure.nonRetryable('asked twice');
        crossed = true;
        return { cancelled: true };
      },
    });
  };
  const needsAPerson = () =>
    run(
      [
        { closed: false, due: [chunk(1)] },
        { closed: false, due: [] },
        { closed: false, due: [chunk(1, { steps: ['sync'] })] },
        closed,
      ],
      {},
      { signalAt: 'standing step' },
    );

  it('goes on where a person spoke while the worker that waited was dead', async () => {
    const due: Standing = { closed: false, due: [chunk(1)] };
    let isDead = true;
    const { seen } = await run(
      [{ closed: false, due: [] }, due, due, closed],
      {
        takeSteps: async () => {
          if (!isDead) return { cancelled: false, left: [] };
          isDead = false;
          const { workflowId } = Context.current().info.workflowExecution!;
          await suite.client().workflow.getHandle(workflowId).signal('runCommanded');
          // It says nothing any more: for the server its worker is dead.
          await new Promise((resolve) => setTimeout(resolve, 2_500));
          return { cancelled: false, left: [] };
        },
      },
      { heartbeatMs: 1_500 },
    );
    expect(seen).toContain('remove 1');
  });

  it('goes chunk by chunk, step by step, and crosses the line once in each', async () => {
    const { seen, totals } = await wholly();
    expect(seen).toEqual([
      'standing chunk',
      ...[1, 2].flatMap((number) => [`retire_management ${number}`, `remove ${number}`, `sync ${number}`]),
      'standing step',
    ]);
    expect(totals).toEqual({ devices: 1, restored: 0, wentForward: 1 });
  });

  it('takes back what it did, the last act first, where the cancel came before the line', async () => {
    const { seen } = await cancelledAtTheLine();
    // What crossed before still goes forward.
    expect(seen).toEqual([
      'standing chunk',
      'retire_management 1',
      'undo unassign_user 1',
      'undo retire_management 1',
      'verify 1',
      'sync 1',
      'standing step',
    ]);
  });

  it('comes back to the steps that an act did not come to, and lets only the first one wait', async () => {
    const asked: string[] = [];
    const steps = ['release_registration', 'sync', 'verify_gone'] as const;
    await run([{ closed: false, due: [] }, { closed: false, due: [chunk(1, { steps })] }, closed], {
      takeSteps: async ({ steps: wanted, patient }) => {
        asked.push(`${wanted.join(' ')}${patient ? ' patiently' : ''}`);
        return { cancelled: false, left: wanted.slice(1) };
      },
    });
    expect(asked).toEqual(['release_registration sync verify_gone patiently', 'sync verify_gone', 'verify_gone']);
  });

  it('waits for a person where only a person can help, and goes on when told', async () => {
    const { seen } = await needsAPerson();
    expect(seen.filter((what) => what === 'sync 1')).toHaveLength(2);
  });

  it('undoes without asking anybody where a person gave devices up', async () => {
    const { seen } = await run([{ closed: false, due: [chunk(1, { undo: true, steps: [] })] }, closed]);
    expect(seen).toEqual([
      'standing chunk',
      'undo unassign_user 1',
      'undo retire_management 1',
      'verify 1',
      'standing step',
    ]);
  });

  it('hands over to another execution when its history is full, and loses no chunk', async () => {
    const { seen } = await run(
      [{ closed: false, due: [chunk(1), chunk(2)] }, { closed: false, due: [chunk(2)] }, closed],
      {},
      { historyBudget: 30 },
    );
    expect(seen.filter((what) => what === 'remove 2')).toHaveLength(1);
  });

  describe('recorded histories', () => {
    const recordings: Record<string, () => ReturnType<typeof run>> = {
      wholly,
      'cancelled-at-the-line': cancelledAtTheLine,
      'needs-a-person': needsAPerson,
    };

    it('replay against today’s code', async () => {
      await replayRecorded(histories, recordings);
    });
  });
});
