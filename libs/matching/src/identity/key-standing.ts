import type { EvidenceKind } from './evidence-keys.js';

/** How many distinct confirmed devices show a key. */
export interface KeyHolders {
  /** Most devices of any one tenant. */
  readonly inOneTenant: number;
  /** Devices of all tenants. */
  readonly anywhere: number;
}

/**
 * - `contested`: two devices of one tenant show what only one should; the group is worth nothing and both are flagged.
 * - `hot`: so many show it that it finds nobody; left out of retrieval.
 */
export type KeyStanding = 'normal' | 'contested' | 'hot';

/** More holders than this and a key is hot. */
export const HOT_KEY_HOLDERS = 20;

const SINGLE_VALUED: readonly EvidenceKind[] = ['ek', 'uuid', 'serial', 'board-serial', 'product-key', 'lan'];

/** Placeholders nobody listed yet show themselves by how many devices carry them. Source: matching.md B.3 (dynamic detection). */
export function keyStanding(kind: EvidenceKind, holders: KeyHolders): KeyStanding {
  if (holders.anywhere > HOT_KEY_HOLDERS) return 'hot';
  return SINGLE_VALUED.includes(kind) && holders.inOneTenant >= 2 ? 'contested' : 'normal';
}
