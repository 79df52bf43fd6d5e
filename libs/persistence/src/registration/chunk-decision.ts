import type { Correction, Designation, DeviceFacts, Verdict } from '@groundcrew/domain';
import type { ArrivedPart } from '../failed-rows/keep-failed-rows.js';
import type { EvidenceKey } from '@groundcrew/matching';

/** Which claim it is, for people who look into the table. */
export const claimKinds = { endorsement_key: 1, manufacturer_serial: 2, product_key: 3, opaque_hash: 4 } as const;
export type ClaimKind = keyof typeof claimKinds;

/** A keyed digest (HMAC) of one identity of a device. @property digest a UUID's 16 bytes, spelled as one */
export interface IdentityClaim {
  kind: ClaimKind;
  digest: string;
}

/** A row that may become a registered device, if nobody else owns its identity. */
export interface Candidate {
  line: number;
  deviceId: string;
  manufacturer: string | null;
  model: string | null;
  serialNumber: string | null;
  productKey: string | null;
  groupTag: string | null;
  purchaseOrder: string | null;
  /** For whom it is meant and what it is to be called, where the row says so. */
  designation?: Designation | null;
  hashLevel: 'full' | 'partial' | 'opaque';
  /** What the hash says of the platform. */
  platform: DeviceFacts;
  /** The hash without its zero padding, sealed. */
  sealedHash: Uint8Array;
  /** How long the hash was with its padding, in bytes. */
  hashLength: number;
  claims: IdentityClaim[];
  /** Under which name its maker may have other hardware on file; null where the row came from there. */
  tupleDigest?: string | null;
  /**
   * What the hash says, made comparable; null where it cannot be read. Sealed as soon as it is known: few are ever compared, and a
   * thousand reports as objects are what the collector would spend its time on.
   */
  sealedSnapshot: Uint8Array | null;
  /** Keys under which the device is found again. */
  keys: EvidenceKey[];
}

/** A row whose verdict is known without asking anybody. */
export interface RejectedRow {
  line: number;
  verdict: Verdict;
  detail: RowDetail | null;
  /** The tenant's registered device whose identity the row claims with other hardware. */
  changedHardwareOf?: string;
}

/** What a person needs to mend a row. Never a hash. */
export interface RowDetail {
  field?: string;
  /** What exactly, where the verdict does not say it. */
  code?: string;
  message?: string;
  /** The line that this one repeats. */
  repeats?: number;
  /** The device it is already registered as, where that is the tenant's own. */
  deviceId?: string;
  /** The run that is working on the device. */
  runId?: string;
  /** No partner registered that device: its id is for the tenant, and not for a partner. */
  registeredByTenant?: true;
}

/** What was changed to read a line. */
export interface CorrectedLine {
  line: number;
  corrections: readonly Correction[];
}

/** What was decided of a chunk from its rows alone. */
export interface ChunkDecision {
  /** The rows as they arrived: those that fail are kept for whoever sent them. */
  arrived?: ArrivedPart;
  /** Lines that were not read as they stand. */
  corrected?: CorrectedLine[];
  candidates: Candidate[];
  rejected: RejectedRow[];
  /** Verdicts on lines of devices that the directory knows as joined already: asked where a run only decides. */
  joined?: ReadonlyMap<number, Verdict>;
}
