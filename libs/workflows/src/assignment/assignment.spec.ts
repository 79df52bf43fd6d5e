import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { replayRecorded, workflowSuite } from '../../../../test/support/workflow-suite.js';
import { defaultRunPolicy, type RunPolicy } from '../policy/run-policy.js';
import type { ChunkReference } from '../registration-order/registration-order.port.js';
import type { AssignmentActivities } from './assignment.port.js';
import type { AssignmentInput } from './assignment.workflow.js';

const histories = new URL('./histories/', import.meta.url);
const outcome = { devices: 0, moved: 0, unchanged: 0, failed: 0, gone: 0, putBack: 0, kept: 0 };

describe('an assignment run', () => {
  const suite = workflowSuite();

  /** Runs so many chunks against a registry of the test's own. Somebody may cancel when a chunk is reached: from then on nothing is written. */
  async function run(
    chunkCount: number,
    {
      cancelAt = Infinity as number | 'close',
      own = {} as Partial<AssignmentActivities>,
      policy = {} as Partial<RunPolicy>,
    } = {},
  ) {
    const seen: string[] = [];
    const written = new Set<number>();
    let cancelled = cancelAt === 0;
    const activities: AssignmentActivities = {
      openAssignment:
        own.openAssignment ?? (async () => ({ closed: false, chunkCount: cancelAt === 0 ? 0 : chunkCount })),
      assignChunk: async (chunk: ChunkReference) => {
        if (own.assignChunk !== undefined) await own.assignChunk(chunk);
        if (cancelAt !== 'close' && chunk.chunk >= cancelAt) cancelled = true;
        if (cancelled) return { stop: true };
        written.add(chunk.chunk);
        seen.push(`assign ${chunk.chunk}`);
        return { stop: false };
      },
      putBackChunk: async ({ chunk }) => {
        if (written.delete(chunk)) seen.push(`put back ${chunk}`);
      },
      closeAssignment: async () => {
        if (cancelAt === 'close') cancelled = true;
        const putBackFirst = cancelled && written.size > 0;
        if (!putBackFirst) seen.push('close');
        return { putBackFirst, outcome };
      },
    };
    const { worker, taskQueue } = await suite.worker(activities);
    const client = suite.client();
    const input: AssignmentInput = {
      run: { runId: randomUUID(), tenantId: randomUUID() },
      policy: { ...defaultRunPolicy, firstRetryMs: 10, longestRetryMs: 50, ...policy },
      phase: 'assigning',
      nextChunk: 1,
    };
    const workflowId = `assignment/${input.run.runId}`;
    await worker.runUntil(client.workflow.execute('assignment', { taskQueue, workflowId, args: [input] }));
    const executions: string[] = [];
    for await (const execution of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      executions.push(execution.runId);
    return { seen, client, workflowId, executions };
  }

  const each = (step: string, chunks: number) => Array.from({ length: chunks }, (_, index) => `${step} ${index + 1}`);

  it('handles every chunk once and closes', async () => {
    const { seen } = await run(5);
    expect(seen.slice(0, -1).sort()).toEqual(each('assign', 5));
    expect(seen.at(-1)).toBe('close');
  });

  it('repeats what the world did not answer', async () => {
    let failed = false;
    const { seen } = await run(2, {
      own: {
        assignChunk: async () => {
          if (!failed) {
            failed = true;
            throw ApplicationFailure.retryable('the world does not answer');
          }
          return { stop: false };
        },
      },
    });
    expect(seen.slice(0, -1).sort()).toEqual(each('assign', 2));
  });

  it('cancelled in the middle begins no further chunk and puts back what was written, all of it and nothing else', async () => {
    const { seen } = await run(9, { cancelAt: 5, policy: { chunksInFlight: 1 } });
    expect(seen).toEqual([...each('assign', 4), ...each('put back', 4), 'close']);
  });

  it('cancelled before it began writes nothing', async () => {
    expect((await run(4, { cancelAt: 0 })).seen).toEqual(['close']);
  });

  it('cancelled after its last chunk was written still puts everything back', async () => {
    const { seen } = await run(3, { cancelAt: 'close' });
    expect(seen.slice(0, 3).sort()).toEqual(each('assign', 3));
    expect(seen.slice(3).sort()).toEqual(['close', ...each('put back', 3)]);
  });

  it('hands over to a next execution in both phases, and loses and repeats no chunk', async () => {
    const { seen, executions } = await run(14, {
      cancelAt: 12,
      policy: { historyBudget: 30, chunksInFlight: 1 },
    });
    expect(seen).toEqual([...each('assign', 11), ...each('put back', 11), 'close']);
    expect(executions.length).toBeGreaterThan(2);
  });

  it('leaves a run alone that is closed already', async () => {
    const { seen } = await run(3, { own: { openAssignment: async () => ({ closed: true, chunkCount: 3 }) } });
    expect(seen).toEqual(['close']);
  });

  it('costs under 0.05 history events per device at 2,000 devices a chunk', async () => {
    const { client, workflowId } = await run(20);
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    expect(history.events!.length / (20 * 2_000)).toBeLessThan(0.05);
  });

  describe('recorded histories', () => {
    const recordings: Record<string, () => ReturnType<typeof run>> = {
      'several-chunks': () => run(4),
      'cancelled-in-the-middle': () => run(6, { cancelAt: 4, policy: { chunksInFlight: 1 } }),
      'cancelled-before': () => run(4, { cancelAt: 0 }),
    };

    it('replay against today’s code, and hold ids and numbers only', async () => {
      const texts = await replayRecorded(histories, recordings);
      const words = new Set<string>();
      for (const text of texts) {
        for (const [, payload] of text.matchAll(/"data": "([^"]+)"/g)) {
          const json = Buffer.from(payload!, 'base64').toString('utf8');
          for (const [, word] of json.matchAll(/"([A-Za-z]+)":/g)) words.add(word!);
        }
      }
      const known = [
        'run',
        'runId',
        'tenantId',
        'chunk',
        'nextChunk',
        'phase',
        'policy',
        'closed',
        'chunkCount',
        'stop',
      ];
      known.push('putBackFirst', 'outcome', ...Object.keys(outcome), ...Object.keys(defaultRunPolicy));
      expect([...words].filter((word) => !known.includes(word))).toEqual([]);
    });
  });
});
