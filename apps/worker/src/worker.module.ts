import { createSealer } from '@groundcrew/persistence/without-orm';
import { openPool } from '@groundcrew/subsystems';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import type { Logger } from 'pino';
import { createAssignmentActivities, type AssignmentTools } from './assignment/assignment.activities.js';
import type { WorkerConfiguration } from './configuration.js';
import { createConversionActivities, type ConversionTools } from './automatic-registration/convert-devices.js';
import { createConsentActivities } from './consents/consent.activities.js';
import { createOrphanScanActivities, type OrphanScanTools } from './orphans/orphan-scan.activities.js';
import { openNeighbours } from './neighbours/open-neighbours.js';
import {
  createDeregistrationActivities,
  type DeregistrationTools,
} from './deregistration/deregistration.activities.js';
import { createRepairActivities } from './repair/repair.activities.js';
import { createRestoreActivities } from './restore/restore.activities.js';
import { createRegistrationActivities, type RegistrationTools } from './registration/registration.activities.js';
import { DecisionThread } from './registration/decision-thread.js';
import { createDigests } from './registration/digests.js';
import { TemporalWorkers } from './temporal/temporal-workers.js';

/** The database connections of this process: a pool for each task queue, so that a large order never takes a single device's. */
export class Pools {
  readonly bulk: pg.Pool;
  readonly interactive: pg.Pool;
  readonly neighbours: pg.Pool;

  constructor(configuration: WorkerConfiguration, log: Logger) {
    const open = (connectionString: string, max: number): pg.Pool =>
      openPool({ connectionString, max, connectionTimeoutMillis: 10_000, statement_timeout: 60_000 }, (error) =>
        log.warn({ reason: error.message }, 'a database connection broke'),
      );
    this.bulk = open(configuration.GROUNDCREW_DATABASE_WORKER_URL, configuration.GROUNDCREW_BULK_ACTIVITIES);
    this.interactive = open(
      configuration.GROUNDCREW_DATABASE_WORKER_URL,
      configuration.GROUNDCREW_INTERACTIVE_ACTIVITIES,
    );
    this.neighbours = open(
      configuration.GROUNDCREW_DATABASE_NEIGHBOURS_URL,
      configuration.GROUNDCREW_BULK_ACTIVITIES + configuration.GROUNDCREW_INTERACTIVE_ACTIVITIES,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.bulk.end(), this.interactive.end(), this.neighbours.end()]);
  }
}

@Module({})
export class WorkerModule implements OnApplicationShutdown {
  constructor(
    @Inject(TemporalWorkers) private readonly workers: TemporalWorkers,
    @Inject(Pools) private readonly pools: Pools,
    @Inject(DecisionThread) private readonly decisions: DecisionThread,
  ) {}

  static forRoot(configuration: WorkerConfiguration, log: Logger): DynamicModule {
    return {
      module: WorkerModule,
      providers: [
        { provide: Pools, useFactory: () => new Pools(configuration, log) },
        {
          provide: DecisionThread,
          useFactory: () => new DecisionThread(keysOf(configuration), secretsOf(configuration)),
        },
        {
          provide: TemporalWorkers,
          inject: [Pools, DecisionThread],
          useFactory: (pools: Pools, decider: DecisionThread) => createWorkers(configuration, pools, decider, log),
        },
      ],
      exports: [TemporalWorkers],
    };
  }

  /** Activities end first, then their connections. */
  async onApplicationShutdown(): Promise<void> {
    await this.workers.stop();
    await this.decisions.close();
    await this.pools.close();
  }
}

/** The instance's keys, for a thread that makes its own tools of them. */
function keysOf({ GROUNDCREW_SEALING_KEY: sealing, GROUNDCREW_IDENTITY_KEY: identity }: WorkerConfiguration) {
  return { sealing, identity };
}

function secretsOf(configuration: WorkerConfiguration) {
  const { sealing, identity } = keysOf(configuration);
  return { sealer: createSealer(sealing), digests: createDigests(identity) };
}

function createWorkers(
  configuration: WorkerConfiguration,
  pools: Pools,
  decider: DecisionThread,
  log: Logger,
): Promise<TemporalWorkers> {
  const shared = {
    ...openNeighbours(pools.neighbours, {
      syncIntervalMs: configuration.GROUNDCREW_SYNC_INTERVAL_MS,
      mayMisbehave: configuration.GROUNDCREW_MISBEHAVIOUR === 'allowed',
    }),
    ...secretsOf(configuration),
    decider,
    observePatienceMs: configuration.GROUNDCREW_OBSERVE_PATIENCE_MS,
    assignmentChunkSize: configuration.GROUNDCREW_ASSIGNMENT_CHUNK_SIZE,
    stepDeadlineMs: configuration.GROUNDCREW_STEP_DEADLINE_MS,
  };
  return TemporalWorkers.create({
    address: configuration.GROUNDCREW_TEMPORAL_ADDRESS,
    namespace: configuration.GROUNDCREW_TEMPORAL_NAMESPACE,
    taskQueuePrefix: configuration.GROUNDCREW_TASK_QUEUE_PREFIX,
    shutdownGraceMs: configuration.GROUNDCREW_SHUTDOWN_GRACE_MS,
    log,
    queues: [
      {
        taskQueue: 'bulk',
        slots: configuration.GROUNDCREW_BULK_ACTIVITIES,
        activities: activitiesOn({ ...shared, pool: pools.bulk }),
      },
      {
        taskQueue: 'interactive',
        slots: configuration.GROUNDCREW_INTERACTIVE_ACTIVITIES,
        activities: activitiesOn({ ...shared, pool: pools.interactive }),
      },
    ],
  });
}

function activitiesOn(
  tools: RegistrationTools & AssignmentTools & DeregistrationTools & OrphanScanTools & ConversionTools,
): object {
  return {
    ...createRegistrationActivities(tools),
    ...createConsentActivities(tools),
    ...createAssignmentActivities(tools),
    ...createDeregistrationActivities(tools),
    ...createRepairActivities(tools),
    ...createRestoreActivities(tools),
    ...createOrphanScanActivities(tools),
    ...createConversionActivities(tools),
  };
}
