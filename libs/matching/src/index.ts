export { decodeBase64, encodeBase64 } from './bytes/base64.js';
export { restorePadding, trimPadding } from './bytes/padding.js';
export type { TrimmedBytes } from './bytes/padding.js';
export { decodeHardwareHash, ENVELOPE_TEXT_LIMIT, HASH_TEXT_LIMIT } from './decode-hardware-hash.js';
export type { DecodedHash, DecodeLevel, HashDecoding, HashRejection, HashRejectionCode } from './decode-hardware-hash.js';
export type { Digests } from './digests.js';
export { encodeEnvelope } from './envelope/encode-envelope.js';
export type { EnvelopeExtras } from './envelope/encode-envelope.js';
export { encodeHardwareHash, HASH_LENGTH } from './hardware-hash/encode-hardware-hash.js';
export type { HashExtras } from './hardware-hash/encode-hardware-hash.js';
export type { UnknownRecord } from './hardware-hash/read-records.js';
export { EVIDENCE_KINDS, evidenceKeys, MOST_EVIDENCE_KEYS } from './identity/evidence-keys.js';
export type { EvidenceKey, EvidenceKind } from './identity/evidence-keys.js';
export { identityClaims } from './identity/identity-claims.js';
export type { ClaimKind, DeviceTuple, IdentityClaim } from './identity/identity-claims.js';
export { anEmptyReport, reportFromProductKey, reportFromTuple } from './report.js';
export type {
  BoardPart, ChassisPart, DiskBus, DiskPart, Finding, HardwareReport, MemoryPart, NetworkMedium, NetworkPart, ProcessorPart,
  ReportSource, SystemPart, TpmPart,
} from './report.js';
export { maskValue } from './snapshot/snapshot.js';
export type { FormFactor, MaskedValue, MaskReason, Snapshot } from './snapshot/snapshot.js';
export { manufacturerFamily, toSnapshot } from './snapshot/to-snapshot.js';
