/**
 * What can be had without a database and its drivers: a thread that decides loads a few files, and not all of persistence.
 */
export { Slices } from './bulk/slices.js';
export { formatUuid, uuidV7 } from './identifiers/uuid-v7.js';
export { recordLimit } from './intake/lines.js';
export { evidenceKindOf, openSnapshot, sealSnapshot } from './matching/candidate-index.js';
export { createSealer, hashContext, type Sealer } from './sealing.js';
