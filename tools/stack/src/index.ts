export { appRoles, tokenMint, type AppRole, type MintToken, type TokenRequest } from './issuer/tokens.js';
export { ephemeralFolder, removeEphemeralFolder } from './ephemeral.js';
export { freePort } from './ports.js';
export { startEmbedded, startPostgres, type Postgres, type PostgresOptions } from './postgres/postgres.js';
export { SupervisedProcess } from './processes/supervised-process.js';
export { startDevServer, startTemporal, type Temporal, type TemporalOptions } from './temporal/server.js';
export { startStack, type AppName, type SharedServers, type Stack, type StackOptions } from './stack.js';
export { sharedTestServers } from './test-servers.js';
export { workspaceRoot } from './workspace.js';
