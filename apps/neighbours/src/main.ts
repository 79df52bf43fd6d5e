import { applyDirectoryRequests, directoryChannel, listenForWakeUp, prepareDirectory } from '@groundcrew/subsystems';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { readConfiguration } from './configuration.js';

const log = pino({ name: 'neighbours' });
const configuration = readConfiguration(process.env);
const pool = new pg.Pool({ connectionString: configuration.databaseUrl, max: 2, connectionTimeoutMillis: 5_000 });
pool.on('error', (error) => log.warn({ code: (error as { code?: string }).code }, 'a database connection broke'));

let stopping = false;
await prepareDirectory(pool);
const wakeUp = await listenForWakeUp(configuration.databaseUrl, directoryChannel, (error) =>
  log.warn({ reason: error.message }, 'not listening for requests; looking by myself until I am again'),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping = true;
    wakeUp.wake();
  });
}
log.info('ready');

while (!stopping) {
  try {
    const applied = await applyDirectoryRequests(pool, configuration.batch, configuration.applyDelayMs);
    if (applied === 0) await wakeUp.sleep(configuration.pollMs);
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'could not apply accepted requests; trying again');
    await pause(configuration.pollMs);
  }
}
await wakeUp.close();
await pool.end();
