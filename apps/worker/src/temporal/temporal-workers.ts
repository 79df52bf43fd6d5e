import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { workflowQueue, type TaskQueue } from './queues.js';

export interface TaskQueueWorker {
  taskQueue: TaskQueue;
  activities: object;
  /** Activities that run at once. */
  slots: number;
}

export interface TemporalWorkersOptions {
  address: string;
  namespace: string;
  taskQueuePrefix: string;
  shutdownGraceMs: number;
  queues: TaskQueueWorker[];
  log: Logger;
}

const reconnectMs = 1_000;

/** The workers of this process, one per task queue. They poll until they are told to stop; a worker that fails ends the process. */
export class TemporalWorkers {
  readonly #workers: Worker[];
  readonly #connection: NativeConnection;
  #runs: Promise<void>[] = [];
  #stopped: Promise<void> | null = null;

  private constructor(connection: NativeConnection, workers: Worker[]) {
    this.#connection = connection;
    this.#workers = workers;
  }

  /** Connects, as often as it takes: a server that is down comes back. */
  static async create(options: TemporalWorkersOptions): Promise<TemporalWorkers> {
    const connection = await connect(options);
    const codePath = fileURLToPath(import.meta.resolve('@groundcrew/workflows/workflow-bundle'));
    const workers = await Promise.all(
      options.queues.map(({ taskQueue, activities, slots }) =>
        Worker.create({
          connection,
          namespace: options.namespace,
          taskQueue: `${options.taskQueuePrefix}${taskQueue}`,
          activities,
          ...(taskQueue === workflowQueue && { workflowBundle: { codePath } }),
          maxConcurrentActivityTaskExecutions: slots,
          maxConcurrentWorkflowTaskExecutions: 10,
          maxCachedWorkflows: 200,
          shutdownGraceTime: options.shutdownGraceMs,
          shutdownForceTime: options.shutdownGraceMs * 2,
          stickyQueueScheduleToStartTimeout: '3s',
        }),
      ),
    );
    return new TemporalWorkers(connection, workers);
  }

  /** @param onFailure told when a worker ends though nobody asked it to */
  start(onFailure: (error: unknown) => void): void {
    this.#runs = this.#workers.map((worker) =>
      worker.run().catch((error: unknown) => {
        if (this.#stopped === null) onFailure(error);
      }),
    );
  }

  /** Takes no new work, lets the activities end, and closes the connection. Asking twice is asking once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #drain(): Promise<void> {
    for (const worker of this.#workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
    await Promise.all(this.#runs);
    await this.#connection.close();
  }
}

async function connect({ address, log }: TemporalWorkersOptions): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      log.warn({ address, reason: (error as Error).message }, 'Temporal does not answer; trying again');
      await pause(reconnectMs);
    }
  }
}
