import type { DecodeLevel } from '../decode-hardware-hash.js';
import type { Finding, ReportSource } from '../report.js';

/**
 * One report made comparable: placeholders gone, spellings folded, cards sorted by what they are bound to. Plain JSON
 * (strings, numbers, arrays), so it can be stored as it is. An empty string or array means that nothing comparable
 * was said.
 */
export interface Snapshot {
  readonly source: ReportSource;
  readonly level: DecodeLevel;
  /** Unix seconds UTC. Never compared for identity. */
  readonly collectedAt: number | null;
  readonly virtual: boolean;
  readonly formFactor: FormFactor;
  /** Family of spellings: 'hp' for HP, Hewlett-Packard and HP Inc. */
  readonly manufacturer: string;
  readonly product: string;
  readonly boardProduct: string;
  readonly sku: string;
  /** SHA-256 of the TPM endorsement key's modulus, hexadecimal. */
  readonly endorsementKey: string;
  /** Smaller of the two byte orders, 32 hexadecimal digits. */
  readonly uuid: string;
  /** The UUID is computed from the serial number (Dell), so the two are one piece of evidence. */
  readonly uuidFromSerial: boolean;
  readonly serialNumber: string;
  readonly boardSerial: string;
  readonly productKeyId: string;
  /** Built-in Ethernet, and PCI Ethernet where the report cannot tell built-in from added. */
  readonly lan: readonly string[];
  /** The report could tell built-in Ethernet from added. */
  readonly lanIsOnboard: boolean;
  readonly wireless: readonly string[];
  readonly bluetooth: readonly string[];
  readonly systemDisks: readonly string[];
  readonly otherDisks: readonly string[];
  readonly memoryGigabytes: number;
  readonly memoryModules: readonly string[];
  readonly processor: string;
  readonly panels: readonly string[];
  /** What was left out of comparison, and why. */
  readonly masked: readonly MaskedValue[];
  readonly findings: readonly Finding[];
}

export type FormFactor = 'notebook' | 'desktop' | 'other';

/** A value that was not compared. `shown` is masked: first and last two characters. */
export interface MaskedValue {
  readonly reason: MaskReason;
  readonly shown: string;
}

export type MaskReason =
  | 'SN_PLACEHOLDER'
  | 'BSN_PLACEHOLDER'
  | 'UUID_PLACEHOLDER'
  | 'PKID_PLACEHOLDER'
  | 'MODEL_PLACEHOLDER'
  | 'NIC_PLACEHOLDER'
  | 'NIC_LOCAL_IGNORED'
  | 'NIC_USB_IGNORED'
  | 'NIC_VIRTUAL_IGNORED'
  | 'NIC_ADD_IN_IGNORED'
  | 'NIC_BUS_UNKNOWN'
  | 'DISK_PLACEHOLDER'
  | 'DISK_VIRTUAL_IGNORED'
  | 'DISK_REMOVABLE_IGNORED';

/** A value for people: first two and last two characters, nothing of a value of six or fewer but its length. */
export function maskValue(value: string): string {
  return value.length <= 6 ? '•'.repeat(value.length) : `${value.slice(0, 2)}…${value.slice(-2)}`;
}
