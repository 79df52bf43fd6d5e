export { databaseRoles, roleName, urlFor, type DatabaseRole } from './database-urls.js';
export { prepareDatabase, type PrepareDatabaseOptions } from './prepare-database.js';
export { createSealer, hashContext, partContext, type Sealer } from './sealing.js';
export { formatUuid, parseUuid, uuidV7, uuidV7Bytes } from './identifiers/uuid-v7.js';
export { CopyBuffer } from './bulk/copy-buffer.js';
export { copyRows, inTenant } from './bulk/tenant-transaction.js';
export type {
  Candidate,
  ChunkDecision,
  ClaimKind,
  IdentityClaim,
  RejectedRow,
  RowDetail,
} from './registration/chunk-decision.js';
export {
  loadAwaiting,
  loadOpenChunk,
  registerChunk,
  type AwaitingDevice,
  type ChunkKey,
  type OpenChunk,
} from './registration/chunk-store.js';
export { closeRun, openRun, type RunKey } from './registration/run-store.js';
export { markDirectoryAccepted, noteWait, settleChunk, type SettledDirectory } from './registration/settle-chunk.js';
export {
  claimRunsToStart,
  markStarted,
  outboxChannel,
  postpone,
  sweepAbandoned,
  type RunToStart,
} from './outbox/outbox-store.js';
