import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { readScheduleConfiguration, runPolicyOf } from './configuration.js';
import { ensureSchedules } from './schedules/schedules.js';

/** Run at every deployment: it brings Temporal's schedules up to date and ends. */
const log = pino({ name: 'schedules' });
const configuration = readScheduleConfiguration(process.env);
const connection = await Connection.connect({ address: configuration.GROUNDCREW_TEMPORAL_ADDRESS });
await ensureSchedules(new Client({ connection, namespace: configuration.GROUNDCREW_TEMPORAL_NAMESPACE }), {
  taskQueuePrefix: configuration.GROUNDCREW_TASK_QUEUE_PREFIX,
  policy: runPolicyOf(configuration),
  orphanScanMs: configuration.GROUNDCREW_ORPHAN_SCAN_MS,
  conversionMs: configuration.GROUNDCREW_CONVERSION_MS,
});
await connection.close();
log.info('schedules are up to date');
