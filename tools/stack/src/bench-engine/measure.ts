import { randomUUID } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const TASK_QUEUE = 'bench-engine';
const WORKFLOW = 'greetOnce';

export interface Engine {
  /** Milliseconds of each workflow, one after another. */
  oneAfterAnother(count: number): Promise<number[]>;
  /** Milliseconds per workflow when so many are always under way. */
  together(count: number, atOnce: number): Promise<number>;
  close(): Promise<void>;
}

export function bundleWorkflow(workflowFile: string): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath: workflowFile, logger: silentLogger });
}

/** A worker and a client beside one server. */
export async function engineAt(address: string, bundle: WorkflowBundleWithSourceMap): Promise<Engine> {
  const workerConnection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: workerConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: bundle,
    activities: { greet: (name: string) => Promise.resolve(`Hello, ${name}`) },
  });
  const running = worker.run();
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const once = (): Promise<unknown> =>
    workflow.execute(WORKFLOW, { taskQueue: TASK_QUEUE, workflowId: randomUUID(), args: ['engine'] });

  return {
    async oneAfterAnother(count) {
      const durations: number[] = [];
      for (let run = 0; run < count; run += 1) {
        const began = performance.now();
        await once();
        durations.push(performance.now() - began);
      }
      return durations;
    },
    async together(count, atOnce) {
      const began = performance.now();
      let left = count;
      const lane = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await once();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      return (performance.now() - began) / count;
    },
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await workerConnection.close();
    },
  };
}

export const silentLogger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
