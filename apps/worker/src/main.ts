import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { readWorkerConfiguration } from './configuration.js';
import { installRuntime } from './temporal/runtime.js';
import { TemporalWorkers } from './temporal/temporal-workers.js';
import { WorkerModule } from './worker.module.js';

const log = pino({ name: 'worker' });
const configuration = readWorkerConfiguration(process.env);
installRuntime(log);

const application = await NestFactory.createApplicationContext(WorkerModule.forRoot(configuration, log), {
  logger: false,
  abortOnError: false,
});
application.enableShutdownHooks();

application.get(TemporalWorkers).start((error) => {
  // The supervisor starts a new process; a worker that failed is not run twice.
  log.fatal({ reason: (error as Error).message }, 'a Temporal worker failed');
  process.exitCode = 1;
  void application.close();
});
log.info('ready');
