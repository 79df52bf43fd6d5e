import { Migration20261121000100_foundation } from './Migration20261121000100_foundation.js';

/** In their order. A migration that has landed is never edited. */
export const migrations = [{ name: 'Migration20261121000100_foundation', class: Migration20261121000100_foundation }];
