import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { replayRecorded, workflowSuite } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy, type RunPolicy } from '../policy/run-policy.js';
import type { ChunkReference, RegistrationOrderActivities } from './registration-order.port.js';
import type { RegistrationOrderInput } from './registration-order.workflow.js';

type Own = Partial<RegistrationOrderActivities>;
const histories = new URL('./histories/', import.meta.url);

describe('a registration order', () => {
  const suite = workflowSuite();

  /** Runs an order of so many chunks against a registry of the test's own; returns what happened. */
  async function run(
    chunkCount: number,
    given: Own | ((tell: () => Promise<void>) => Own) = {},
    policy: Partial<RunPolicy> = {},
  ) {
    const seen: string[] = [];
    let tell: () => Promise<void> = async () => undefined;
    const noting =
      <Answer>(name: string, act: (chunk: ChunkReference) => Promise<Answer>) =>
      async (chunk: ChunkReference): Promise<Answer> => {
        const answer = await act(chunk);
        seen.push(`${name} ${chunk.chunk}`);
        return answer;
      };
    const own = typeof given === 'function' ? given(() => tell()) : given;
    const spans: number[][] = [];
    const registerChunk = noting('register', own.registerChunk ?? (async () => ({ awaiting: 1 })));
    const activities: RegistrationOrderActivities = {
      openRun: own.openRun ?? (async () => ({ closed: false, chunkCount })),
      registerChunk,
      registerChunks: async ({ first, last, ...reference }) => {
        spans.push([first, last]);
        const awaiting: number[] = [];
        for (let chunk = first; chunk <= last; chunk += 1)
          if ((await registerChunk({ ...reference, chunk })).awaiting > 0) awaiting.push(chunk);
        return { awaiting };
      },
      preCreateDirectoryObjects: noting('precreate', own.preCreateDirectoryObjects ?? (async () => undefined)),
      settleChunk: noting('settle', own.settleChunk ?? (async () => undefined)),
      takeBackChunk: noting('takeBack', own.takeBackChunk ?? (async () => ({ releasing: 1 }))),
      releaseDirectoryObjects: noting('release', own.releaseDirectoryObjects ?? (async () => undefined)),
      settleRelease: noting('settleRelease', own.settleRelease ?? (async () => undefined)),
      closeRun: async (reference) => {
        seen.push('close');
        return own.closeRun?.(reference) ?? { received: chunkCount, registered: chunkCount, rejected: 0 };
      },
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const client = suite.client();
    const input: RegistrationOrderInput = {
      run: { runId: randomUUID(), tenantId: randomUUID() },
      policy: { ...defaultRunPolicy, firstRetryMs: 10, longestRetryMs: 50, ...policy },
      nextChunk: 1,
    };
    const workflowId = `registration_order/${input.run.runId}`;
    const totals = await worker.runUntil(async () => {
      const handle = await client.workflow.start('registrationOrder', { taskQueue, workflowId, args: [input] });
      tell = () => handle.signal('runCommanded');
      return await client.workflow.getHandle(workflowId).result();
    });
    const executions: string[] = [];
    for await (const execution of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      executions.push(execution.runId);
    return { seen, spans, totals, client, workflowId, executions };
  }

  const each = (chunks: number, ...steps: string[]) =>
    Array.from({ length: chunks }, (_, index) => steps.map((step) => `${step} ${index + 1}`)).flat();

  it('registers, has the directory create the objects and reads them back, for every chunk, then closes', async () => {
    const { seen, totals } = await run(4);
    expect(seen.slice().sort()).toEqual([...each(4, 'register', 'precreate', 'settle'), 'close'].sort());
    for (let chunk = 1; chunk <= 4; chunk += 1) {
      const order = ['register', 'precreate', 'settle'].map((step) => seen.indexOf(`${step} ${chunk}`));
      expect(order).toEqual(order.slice().sort((left, right) => left - right));
    }
    expect(seen.at(-1)).toBe('close');
    expect(totals).toEqual({ received: 4, registered: 4, rejected: 0 });
  });

  it('does not bother the directory for a chunk in which nothing was registered', async () => {
    const { seen } = await run(2, { registerChunk: async ({ chunk }) => ({ awaiting: chunk === 1 ? 0 : 3 }) });
    expect(seen.slice().sort()).toEqual(['register 1', 'register 2', 'precreate 2', 'settle 2', 'close'].sort());
  });

  it('registers several chunks in one activity while many are left, and shares the last ones out', async () => {
    const { seen, spans } = await run(11, {}, { chunksInFlight: 2, chunksPerActivity: 3 });
    // Two are under way at once: which of them a worker begins with is not said.
    expect(spans.toSorted(([left], [right]) => left! - right!)).toEqual([
      [1, 3],
      [4, 6],
    ]);
    expect(seen.slice().sort()).toEqual([...each(11, 'register', 'precreate', 'settle'), 'close'].sort());
  });

  it('sees to those of an activity’s chunks whose devices still wait, and to no others', async () => {
    const { seen } = await run(
      4,
      { registerChunk: async ({ chunk }) => ({ awaiting: chunk === 2 ? 5 : 0 }) },
      { chunksInFlight: 1, chunksPerActivity: 3 },
    );
    expect(seen.slice().sort()).toEqual([...each(4, 'register'), 'precreate 2', 'settle 2', 'close'].sort());
  });

  it('works on as many chunks at once as the policy says, and no more', async () => {
    let underWay = 0;
    let most = 0;
    await run(
      9,
      {
        registerChunk: async () => {
          underWay += 1;
          most = Math.max(most, underWay);
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { awaiting: 1 };
        },
        settleChunk: async () => {
          underWay -= 1;
        },
      },
      { chunksInFlight: 3, chunksPerActivity: 1 },
    );
    expect(most).toBe(3);
  });

  it('repeats what the world did not answer, without giving up and without repeating the rest', async () => {
    const failed = new Set<string>();
    const failingOnce = (name: string, chunk: number): void => {
      if (failed.has(`${name} ${chunk}`)) return;
      failed.add(`${name} ${chunk}`);
      throw ApplicationFailure.retryable('the world does not answer');
    };
    const { seen } = await run(2, {
      registerChunk: async ({ chunk }) => {
        failingOnce('register', chunk);
        return { awaiting: 1 };
      },
      settleChunk: async ({ chunk }) => failingOnce('settle', chunk),
    });
    expect(failed.size).toBe(4);
    expect(seen.slice().sort()).toEqual([...each(2, 'register', 'precreate', 'settle'), 'close'].sort());
  });

  it('hands over to a next execution when its history is long, and loses and repeats no chunk', async () => {
    const { seen, executions } = await run(12, {}, { historyBudget: 40 });
    expect(seen.slice().sort()).toEqual([...each(12, 'register', 'precreate', 'settle'), 'close'].sort());
    expect(executions.length).toBeGreaterThan(1);
  });

  it('leaves a run alone that is closed already', async () => {
    const { seen } = await run(3, { openRun: async () => ({ closed: true, chunkCount: 3 }) });
    expect(seen).toEqual(['close']);
  });

  it('costs under 0.05 history events per device at 1,000 devices a chunk', async () => {
    const chunks = 20;
    const { client, workflowId } = await run(chunks);
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    expect(history.events!.length / (chunks * 1_000)).toBeLessThan(0.05);
  });

  /** An order that is cancelled while this chunk is being registered. */
  const cancelledAt =
    (cancelled: number) =>
    (tell: () => Promise<void>): Own => {
      let told = false;
      return {
        openRun: async () => ({ closed: false, chunkCount: 12, cancelling: told }),
        registerChunk: async ({ chunk }) => {
          if (chunk === cancelled) {
            told = true;
            await tell();
          }
          return { awaiting: 1 };
        },
        closeRun: async () => ({
          received: 12,
          registered: 0,
          rejected: 12,
          standing: told ? 'closed' : 'parked',
        }),
      };
    };

  it('that is cancelled begins nothing more, ends what is under way, and takes every chunk back', async () => {
    const { seen } = await run(12, cancelledAt(3), { chunksInFlight: 1, chunksPerActivity: 1 });
    const forward = seen.filter((act) => /^(register|precreate|settle) /.test(act));
    expect(forward).toEqual(each(3, 'register', 'precreate', 'settle'));
    expect(seen.slice(forward.length)).toEqual([...each(12, 'takeBack', 'release', 'settleRelease'), 'close']);
  });

  it('goes on taking back where a long history hands over, and takes nothing back twice', async () => {
    const { seen, executions } = await run(12, cancelledAt(2), { chunksInFlight: 2, historyBudget: 40 });
    expect(executions.length).toBeGreaterThan(1);
    expect(seen.filter((act) => act.startsWith('takeBack')).sort()).toEqual(each(12, 'takeBack').sort());
  });

  it('asks nothing of the directory where a chunk had registered nothing', async () => {
    const { seen } = await run(3, {
      openRun: async () => ({ closed: false, chunkCount: 3, cancelling: true }),
      takeBackChunk: async () => ({ releasing: 0 }),
    });
    expect(seen.slice().sort()).toEqual([...each(3, 'takeBack'), 'close'].sort());
  });

  /** A void that is cancelled while this chunk is being taken away. */
  const voidCancelledAt =
    (cancelled: number) =>
    (tell: () => Promise<void>): Own => {
      const gone = new Set<number>();
      let told = false;
      return {
        openRun: async () => ({ closed: false, chunkCount: 5, cancelling: true }),
        takeBackChunk: async ({ chunk }) => {
          if (told && gone.has(chunk)) return { releasing: 0, restoring: 1 };
          if (told) return { releasing: 0 };
          gone.add(chunk);
          if (chunk === cancelled) {
            told = true;
            await tell();
          }
          return { releasing: 1 };
        },
        closeRun: async () => ({ received: 5, registered: 0, rejected: 5, standing: 'closed' }),
      };
    };

  it('that takes devices away and is cancelled ends what is under way, and then puts back what is gone', async () => {
    const { seen } = await run(5, voidCancelledAt(2), { chunksInFlight: 1 });
    const gone = each(2, 'takeBack', 'release', 'settleRelease');
    expect(seen.slice(0, gone.length)).toEqual(gone);
    expect(seen.slice(gone.length)).toEqual([
      ...each(2, 'takeBack', 'precreate', 'settle'),
      ...each(5, 'takeBack').slice(2),
      'close',
    ]);
  });

  it('that needs a person waits, and goes through its chunks again when it is told to', async () => {
    let told = 0;
    const { seen } = await run(2, (tell) => ({
      closeRun: async () => {
        told += 1;
        if (told === 1) setTimeout(() => void tell(), 20);
        return { received: 2, registered: told, rejected: 0, standing: told === 1 ? 'parked' : 'closed' };
      },
    }));
    expect(seen.filter((act) => act === 'close')).toHaveLength(2);
    expect(seen.filter((act) => act.startsWith('register')).sort()).toEqual([
      'register 1',
      'register 1',
      'register 2',
      'register 2',
    ]);
  });

  describe('recorded histories', () => {
    const recordings: Record<string, () => ReturnType<typeof run>> = {
      'several-chunks': () => run(4),
      'several-chunks-in-an-activity': () => run(11, {}, { chunksInFlight: 2, chunksPerActivity: 3 }),
      'nothing-registered': () => run(2, { registerChunk: async () => ({ awaiting: 0 }) }),
      cancelled: () => run(12, cancelledAt(2), { chunksInFlight: 2 }),
      'put-back': () => run(5, voidCancelledAt(2), { chunksInFlight: 2 }),
      'closed-before': () => run(3, { openRun: async () => ({ closed: true, chunkCount: 3 }) }),
    };

    it('replay against today’s code', async () => {
      await replayRecorded(histories, recordings);
    });

    it('hold ids and numbers only', () => {
      for (const name of readdirSync(histories)) {
        const text = readFileSync(new URL(name, histories), 'utf8');
        const payloads = [...text.matchAll(/"data": "([^"]+)"/g)].map((match) =>
          Buffer.from(match[1]!, 'base64').toString('utf8'),
        );
        const words = payloads.flatMap((payload) => [...payload.matchAll(/"([A-Za-z]+)":/g)].map((match) => match[1]!));
        const known = [
          'run',
          'runId',
          'tenantId',
          'chunk',
          'first',
          'last',
          'nextChunk',
          'policy',
          ...Object.keys(defaultRunPolicy),
          'closed',
          'chunkCount',
          'awaiting',
          'cancelling',
          'releasing',
          'restoring',
          'standing',
          'received',
          'registered',
          'rejected',
        ];
        expect([...new Set(words)].filter((word) => !known.includes(word))).toEqual([]);
      }
    });
  });
});
