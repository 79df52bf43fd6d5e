import { defaultConsentPolicy, defaultRepairPolicy, type RunPolicy } from '@groundcrew/workflows';
import { z } from 'zod';

const milliseconds = z.coerce.number().int().positive();
const count = z.coerce.number().int().positive();
const key = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64');

const temporal = z.object({
  GROUNDCREW_TEMPORAL_ADDRESS: z.string().min(1),
  GROUNDCREW_TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  /** Keeps installations apart that share a namespace. */
  GROUNDCREW_TASK_QUEUE_PREFIX: z.string().default(''),
});

const workerEnvironment = temporal.extend({
  GROUNDCREW_DATABASE_WORKER_URL: z.string().min(1),
  GROUNDCREW_DATABASE_NEIGHBOURS_URL: z.string().min(1),
  GROUNDCREW_SEALING_KEY: key,
  GROUNDCREW_IDENTITY_KEY: key,
  /** Chunks that the bulk worker handles at once. Two writers fill two cores. Source: performance.md 5. */
  GROUNDCREW_BULK_ACTIVITIES: count.default(3),
  GROUNDCREW_INTERACTIVE_ACTIVITIES: count.default(4),
  /** Devices that one activity of an assignment run handles. */
  GROUNDCREW_ASSIGNMENT_CHUNK_SIZE: count.default(4_000),
  GROUNDCREW_SHUTDOWN_GRACE_MS: milliseconds.default(10_000),
  /** How long one attempt watches for directory objects before it makes room for others. */
  GROUNDCREW_OBSERVE_PATIENCE_MS: milliseconds.default(4_000),
  /** After which time a device whose step was asked for and is not done needs a person. */
  GROUNDCREW_STEP_DEADLINE_MS: milliseconds.default(86_400_000),
  /** How often management may be asked to sync, per tenant. The modelled service takes one per ten minutes. Source: domain.md 9. */
  GROUNDCREW_SYNC_INTERVAL_MS: z.coerce.number().int().nonnegative().default(600_000),
  /** Whether neighbours may be told to misbehave. For demos and tests. */
  GROUNDCREW_MISBEHAVIOUR: z.enum(['refused', 'allowed']).default('refused'),
  NODE_ENV: z.string().optional(),
});

const misbehavesInProduction = (read: { GROUNDCREW_MISBEHAVIOUR: string; NODE_ENV?: string | undefined }): boolean =>
  read.GROUNDCREW_MISBEHAVIOUR === 'allowed' && read.NODE_ENV === 'production';

/** What runs and schedules use where nothing else is said. */
const policyEnvironment = temporal.extend({
  GROUNDCREW_CHUNKS_IN_FLIGHT: count.default(3),
  GROUNDCREW_CHUNKS_PER_ACTIVITY: count.default(3),
  GROUNDCREW_HISTORY_BUDGET: count.default(1_500),
  GROUNDCREW_ATTEMPT_MS: milliseconds.default(120_000),
  GROUNDCREW_HEARTBEAT_MS: milliseconds.max(10_000).default(10_000),
  GROUNDCREW_FIRST_RETRY_MS: milliseconds.default(200),
  GROUNDCREW_LONGEST_RETRY_MS: milliseconds.default(10_000),
});

const scheduleEnvironment = policyEnvironment.extend({
  /** From one scan for orphans to the next. */
  GROUNDCREW_ORPHAN_SCAN_MS: milliseconds.default(6 * 3_600_000),
  /** From one look for devices to register automatically to the next. The modelled service allows itself two days. */
  GROUNDCREW_CONVERSION_MS: milliseconds.default(3_600_000),
});

const relayEnvironment = policyEnvironment.extend({
  GROUNDCREW_DATABASE_RELAY_URL: z.string().min(1),
  GROUNDCREW_RELAY_POLL_MS: milliseconds.default(500),
  GROUNDCREW_RELAY_LEASE_MS: milliseconds.default(10_000),
  GROUNDCREW_RELAY_START_MS: milliseconds.default(4_000),
  GROUNDCREW_RELAY_BATCH: count.default(20),
  GROUNDCREW_RELAY_RETRY_MS: milliseconds.default(2_000),
  GROUNDCREW_SWEEP_MS: milliseconds.default(15_000),
  /** After which time an assignment run that is still open is started once more, in case its execution was terminated. */
  GROUNDCREW_START_AGAIN_MS: milliseconds.default(30_000),
  /** From one reminder of an open consent request to the next. */
  GROUNDCREW_CONSENT_REMINDER_MS: milliseconds.default(defaultConsentPolicy.reminderMs),
  /** After which time a consent request that nobody decided is over. */
  GROUNDCREW_CONSENT_EXPIRY_MS: milliseconds.default(defaultConsentPolicy.expiryMs),
  /** From one reminder of a device at the workshop to the next. */
  GROUNDCREW_REPAIR_REMINDER_MS: milliseconds.default(defaultRepairPolicy.reminderMs),
  /** After which time a repaired device is not waited for any more. */
  GROUNDCREW_REPAIR_EXPIRY_MS: milliseconds.default(defaultRepairPolicy.expiryMs),
});

export type WorkerConfiguration = z.infer<typeof workerEnvironment>;
export type RelayConfiguration = z.infer<typeof relayEnvironment>;

/** With the next one the only place of these processes that reads the environment. @throws ZodError that lists every fault at once */
export function readWorkerConfiguration(source: NodeJS.ProcessEnv): WorkerConfiguration {
  return workerEnvironment
    .refine((read) => !misbehavesInProduction(read), {
      path: ['GROUNDCREW_MISBEHAVIOUR'],
      message: 'neighbours do not misbehave in production',
    })
    .parse(source);
}

export function readRelayConfiguration(source: NodeJS.ProcessEnv): RelayConfiguration {
  return relayEnvironment.parse(source);
}

export function readScheduleConfiguration(source: NodeJS.ProcessEnv): z.infer<typeof scheduleEnvironment> {
  return scheduleEnvironment.parse(source);
}

export function runPolicyOf(configuration: z.infer<typeof policyEnvironment>): RunPolicy {
  return {
    chunksInFlight: configuration.GROUNDCREW_CHUNKS_IN_FLIGHT,
    chunksPerActivity: configuration.GROUNDCREW_CHUNKS_PER_ACTIVITY,
    historyBudget: configuration.GROUNDCREW_HISTORY_BUDGET,
    attemptMs: configuration.GROUNDCREW_ATTEMPT_MS,
    heartbeatMs: configuration.GROUNDCREW_HEARTBEAT_MS,
    firstRetryMs: configuration.GROUNDCREW_FIRST_RETRY_MS,
    longestRetryMs: configuration.GROUNDCREW_LONGEST_RETRY_MS,
  };
}
