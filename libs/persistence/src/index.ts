export { databaseRoles, roleName, urlFor, type DatabaseRole } from './database-urls.js';
export { prepareDatabase, type PrepareDatabaseOptions } from './prepare-database.js';
export { createSealer, hashContext, partContext, type Sealer } from './sealing.js';
