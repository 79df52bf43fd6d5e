export { createApplication } from './application.js';
export { readConfiguration, type Configuration, type TrustedIssuer } from './configuration.js';
export { createLogger } from './platform/logging.js';
