import { reportFromTuple } from '../report.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { toSnapshot } from '../snapshot/to-snapshot.js';

/**
 * One thing only one active registration may hold. The text is canonical: equal for equal identities whatever form
 * they came in. The registry stores its keyed digest, never the text.
 */
export interface IdentityClaim {
  readonly kind: ClaimKind;
  readonly text: string;
}

export type ClaimKind = 'ek' | 'serial' | 'product-key';

export interface DeviceTuple {
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
}

/**
 * The claims of a snapshot or tuple, at most one of each kind, in this order: endorsement key, manufacturer with serial
 * number, product key id. Placeholders make no claim, and a serial number makes none without a manufacturer: two
 * makers may count alike.
 */
export function identityClaims(subject: Snapshot | DeviceTuple): IdentityClaim[] {
  const snapshot = 'source' in subject ? subject : toSnapshot(reportFromTuple(subject));
  const claims: IdentityClaim[] = [];
  const claim = (kind: ClaimKind, ...parts: string[]): void => {
    if (!parts.includes('')) claims.push({ kind, text: `claim/v1\0${kind}\0${parts.join('\0')}` });
  };
  claim('ek', snapshot.endorsementKey);
  claim('serial', snapshot.manufacturer, snapshot.serialNumber);
  claim('product-key', snapshot.productKeyId);
  return claims;
}
