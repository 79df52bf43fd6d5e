import { outboxChannel, startOpenAssignmentsAgain, sweepAbandoned } from '@groundcrew/persistence/without-orm';
import { listenForWakeUp, openPool } from '@groundcrew/subsystems';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { readRelayConfiguration, runPolicyOf } from './configuration.js';
import { relayOnce, type RelayTools } from './relay/relay.js';

const log = pino({ name: 'relay' });
const configuration = readRelayConfiguration(process.env);
const pool = openPool(
  {
    connectionString: configuration.GROUNDCREW_DATABASE_RELAY_URL,
    max: 4,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
  },
  (error) => log.warn({ reason: error.message }, 'a database connection broke'),
);

// Lazy: commands are accepted while Temporal is down, and start when it is back.
const connection = Connection.lazy({ address: configuration.GROUNDCREW_TEMPORAL_ADDRESS });
const tools: RelayTools = {
  pool,
  client: new Client({ connection, namespace: configuration.GROUNDCREW_TEMPORAL_NAMESPACE }),
  taskQueuePrefix: configuration.GROUNDCREW_TASK_QUEUE_PREFIX,
  claim: randomUUID(),
  batch: configuration.GROUNDCREW_RELAY_BATCH,
  leaseMs: configuration.GROUNDCREW_RELAY_LEASE_MS,
  retryMs: configuration.GROUNDCREW_RELAY_RETRY_MS,
  startMs: configuration.GROUNDCREW_RELAY_START_MS,
  log,
  consent: {
    reminderMs: configuration.GROUNDCREW_CONSENT_REMINDER_MS,
    expiryMs: configuration.GROUNDCREW_CONSENT_EXPIRY_MS,
  },
  repair: {
    reminderMs: configuration.GROUNDCREW_REPAIR_REMINDER_MS,
    expiryMs: configuration.GROUNDCREW_REPAIR_EXPIRY_MS,
  },
  policy: runPolicyOf(configuration),
};

let stopping = false;
const wakeUp = await listenForWakeUp(configuration.GROUNDCREW_DATABASE_RELAY_URL, outboxChannel, (error) =>
  log.warn({ reason: error.message }, 'not listening for messages; looking by myself until I am again'),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping = true;
    wakeUp.wake();
  });
}
log.info('ready');

let nextSweep = 0;
while (!stopping) {
  try {
    const claimed = await relayOnce(tools);
    if (performance.now() >= nextSweep) {
      await sweepAbandoned(pool);
      await startOpenAssignmentsAgain(pool, configuration.GROUNDCREW_START_AGAIN_MS);
      nextSweep = performance.now() + configuration.GROUNDCREW_SWEEP_MS;
    }
    if (claimed === 0) await wakeUp.sleep(configuration.GROUNDCREW_RELAY_POLL_MS);
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'the outbox could not be read; trying again');
    await pause(configuration.GROUNDCREW_RELAY_POLL_MS);
  }
}
await wakeUp.close();
await connection.close();
await pool.end();
