import {
  applyDirectoryRequests,
  applyManagementRequests,
  applyPartnerViewRequests,
  bringBack,
  directoryChannel,
  listenForWakeUp,
  managementChannel,
  openPool,
  partnerViewChannel,
  prepareNeighbours,
} from '@groundcrew/subsystems';
import { pino } from 'pino';
import { readConfiguration } from './configuration.js';
import { startWorking } from './working.js';

const log = pino({ name: 'neighbours' });
const configuration = readConfiguration(process.env);
const pool = openPool(
  { connectionString: configuration.databaseUrl, max: 6, connectionTimeoutMillis: 5_000 },
  (error) => log.warn({ code: (error as { code?: string }).code }, 'a database connection broke'),
);

const { batch, mayMisbehave } = configuration;
const soon = { delayMs: configuration.applyDelayMs, mayMisbehave };
const later = { delayMs: configuration.managementDelayMs, mayMisbehave };
await prepareNeighbours(pool);
const neighbours = await Promise.all(
  [
    { channel: directoryChannel, apply: () => applyDirectoryRequests(pool, batch, soon) },
    { channel: managementChannel, apply: () => applyManagementRequests(pool, batch, later) },
    { channel: partnerViewChannel, apply: () => applyPartnerViewRequests(pool, batch, soon) },
    // Deleted things that come back do so by themselves: nobody notifies.
    ...(mayMisbehave ? [{ channel: 'misbehaviour', apply: () => bringBack(pool) }] : []),
  ].map(async ({ channel, apply }) => {
    const wakeUp = await listenForWakeUp(configuration.databaseUrl, channel, (error) =>
      log.warn({ channel, reason: error.message }, 'not listening for requests; looking by myself until I am again'),
    );
    return startWorking(wakeUp, apply, configuration.pollMs, (error) =>
      log.warn({ channel, reason: error.message }, 'could not apply accepted requests; trying again'),
    );
  }),
);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    for (const neighbour of neighbours) neighbour.stop();
  });
}
log.info('ready');

await Promise.all(neighbours.map((neighbour) => neighbour.ended));
await pool.end();
