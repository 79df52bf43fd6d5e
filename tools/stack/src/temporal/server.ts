import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { freePort, givePortBack } from '../ports.js';
import { Ledger } from '../processes/ledger.js';
import { SupervisedProcess, type ProcessPlan } from '../processes/supervised-process.js';
import { silence, type Progress } from '../progress.js';
import { childEnvironment } from '../workspace.js';
import { obtainTemporal } from './obtain.js';
import type { ServerBinary } from './release.js';

export interface TemporalOptions {
  /** Holds the data file, the log and the ledger of processes. */
  folder: string;
  /** Taken if they are free, else others. */
  port?: number;
  uiPort?: number;
  /** `default` leaves the server's own limits, to measure against. */
  limits?: 'raised' | 'default';
  supervise?: boolean;
  report?: (line: string) => void;
  /** Tells how the server is obtained. */
  progress?: Progress;
  signal?: AbortSignal;
}

export interface Temporal {
  address: string;
  /** Unknown for somebody else's server, unless TEMPORAL_UI_URL names it. */
  uiUrl: string | undefined;
  namespace: string;
  metricsUrl: string | undefined;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** SIGKILL: a crash. */
  kill(): Promise<void>;
  /** Brings it up again at the same address with the same data. */
  restart(): Promise<void>;
}

/**
 * A server with one shard reads each of these queues at most 20 times a second unless it is told otherwise, and every task
 * after a burst waits for the next tick of 50 ms.
 */
const raisedLimits = [
  'history.transferProcessorMaxPollRPS',
  'history.timerProcessorMaxPollRPS',
  'history.visibilityProcessorMaxPollRPS',
].map((name) => `${name}=5000`);

/** The server at TEMPORAL_ADDRESS where that is set, else one of our own. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const external = process.env['TEMPORAL_ADDRESS'];
  return external === undefined || external === '' ? startDevServer(options) : someoneElses(external);
}

/** A server of our own, whatever TEMPORAL_ADDRESS says: tests that pull its plug need one. */
export async function startDevServer(options: TemporalOptions): Promise<Temporal> {
  const ledger = await Ledger.open(options.folder, options.report);
  const binary = await obtainTemporal(options.progress ?? silence, options.signal);
  for (let attempt = 1; ; attempt += 1) {
    const ports = {
      grpc: await freePort(attempt === 1 ? options.port : undefined),
      ui: await freePort(attempt === 1 ? options.uiPort : undefined),
      http: await freePort(),
      metrics: await freePort(),
    };
    const server = new SupervisedProcess(planOf(options, binary, ports), {
      ledger,
      supervise: options.supervise ?? false,
      ...(options.report === undefined ? {} : { report: options.report }),
    });
    try {
      await server.start();
    } catch (error) {
      // Somebody else took a port between our look and the server's.
      if (attempt < 3 && /address already in use|can't set .*port/i.test(String(error))) continue;
      throw error;
    }
    return {
      address: `127.0.0.1:${ports.grpc}`,
      uiUrl: `http://127.0.0.1:${ports.ui}`,
      namespace: 'default',
      metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
      get pid() {
        return server.pid;
      },
      stop: async () => {
        await server.stop();
        Object.values(ports).forEach(givePortBack);
        ledger.closeIfIdle();
      },
      kill: () => server.kill('SIGKILL'),
      restart: () => server.restart(),
    };
  }
}

function someoneElses(address: string): Temporal {
  const refuse = (): Promise<never> => Promise.reject(new Error('The server at TEMPORAL_ADDRESS is not ours to stop.'));
  return {
    address,
    uiUrl: process.env['TEMPORAL_UI_URL'],
    namespace: process.env['TEMPORAL_NAMESPACE'] || 'default',
    metricsUrl: undefined,
    pid: undefined,
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
  };
}

function planOf(
  options: TemporalOptions,
  binary: ServerBinary,
  ports: { grpc: number; ui: number; http: number; metrics: number },
): ProcessPlan {
  // A data file belongs to one server version: it has no way up.
  const dataFile = join(options.folder, `temporal-${binary.serverVersion}`, 'temporal.db');
  mkdirSync(dirname(dataFile), { recursive: true });
  const address = `127.0.0.1:${ports.grpc}`;
  return {
    name: 'temporal',
    command: binary.path,
    args: [
      'server',
      'start-dev',
      '--ip',
      '127.0.0.1',
      '--ui-ip',
      '127.0.0.1',
      '--port',
      String(ports.grpc),
      '--ui-port',
      String(ports.ui),
      '--http-port',
      String(ports.http),
      '--metrics-port',
      String(ports.metrics),
      '--ui-disable-news-fetch',
      '--db-filename',
      dataFile,
      // What was acknowledged survives a power cut.
      '--sqlite-pragma',
      'journal_mode=wal',
      '--sqlite-pragma',
      'synchronous=2',
      ...(options.limits === 'default' ? [] : raisedLimits.flatMap((limit) => ['--dynamic-config-value', limit])),
      '--log-level',
      'error',
      '--disable-config-file',
      '--disable-config-env',
    ],
    env: childEnvironment(),
    logFile: join(options.folder, 'logs', 'temporal.log'),
    stopSignal: 'SIGTERM',
    stopPatienceSeconds: 15,
    readyPatienceSeconds: 120,
    isReady: () => answers(address),
  };
}

/** It listens long before it knows its namespace; only a description of that means it will take a workflow. */
async function answers(address: string): Promise<boolean> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
    return true;
  } finally {
    await connection.close();
  }
}
