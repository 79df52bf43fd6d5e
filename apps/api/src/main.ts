import { createApplication } from './application.js';
import { readConfiguration } from './configuration.js';
import { createLogger } from './platform/logging.js';

const configuration = readConfiguration(process.env);
const logger = createLogger(configuration.logLevel);
const application = await createApplication(configuration, logger);
await application.listen(configuration.port, configuration.host);
logger.info({ url: await application.getUrl() }, 'ready');
