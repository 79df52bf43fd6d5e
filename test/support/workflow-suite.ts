import { afterAll, beforeAll, expect } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { workflowBundle } from './workflow-bundle.js';

/** The suites' Temporal server, for the workflows of a suite. */
export interface WorkflowSuite {
  /** @returns a client of its own */
  client(): Client;
  /** A worker on a task queue of its own, with the activities of the test. */
  worker(activities: object): Promise<{ worker: Worker; taskQueue: string }>;
}

/** Where a recorded execution is to be found. */
export interface Recorded {
  client: Client;
  workflowId: string;
}

/** Connects before the first test of the suite, and lets go after the last. */
export function workflowSuite(): WorkflowSuite {
  let connection: Connection;
  let native: NativeConnection;

  beforeAll(async () => {
    const address = process.env.GROUNDCREW_TEST_TEMPORAL_ADDRESS;
    if (address === undefined)
      throw new Error('no Temporal server: run this suite through `npm test -- --only libs/workflows`.');
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    connection = await Connection.connect({ address });
    native = await NativeConnection.connect({ address });
  });
  afterAll(async () => {
    await native.close();
    await connection.close();
  });

  return {
    client: () => new Client({ connection }),
    async worker(activities) {
      const taskQueue = randomUUID();
      const worker = await Worker.create({
        connection: native,
        taskQueue,
        activities,
        workflowBundle: await workflowBundle(),
      });
      return { worker, taskQueue };
    },
  };
}

/**
 * Replays the recorded histories of a folder against the workflows as they are now; with `GROUNDCREW_RECORD_HISTORIES=1` they are
 * recorded first. There is one for each recording, and no other.
 *
 * @returns their texts
 */
export async function replayRecorded(
  histories: URL,
  recordings: Record<string, () => Promise<Recorded>>,
): Promise<string[]> {
  if (process.env.GROUNDCREW_RECORD_HISTORIES === '1') {
    mkdirSync(histories, { recursive: true });
    for (const [name, record] of Object.entries(recordings)) {
      const { client, workflowId } = await record();
      const history = await client.workflow.getHandle(workflowId).fetchHistory();
      writeFileSync(new URL(`${name}.json`, histories), `${historyToJSON(history)}\n`);
    }
  }
  const names = readdirSync(histories);
  expect(names.map((name) => name.replace('.json', '')).sort()).toEqual(Object.keys(recordings).sort());
  const texts = names.map((name) => readFileSync(new URL(name, histories), 'utf8'));
  for (const text of texts)
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, JSON.parse(text) as unknown);
  return texts;
}
