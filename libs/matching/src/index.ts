export { decodeBase64, encodeBase64 } from './bytes/base64.js';
export { keyedHash } from './bytes/keyed-hash.js';
export { restorePadding, trimPadding } from './bytes/padding.js';
export type { TrimmedBytes } from './bytes/padding.js';
export { decodeHardwareHash, ENVELOPE_TEXT_LIMIT, HASH_TEXT_LIMIT } from './decode-hardware-hash.js';
export type {
  DecodedHash,
  DecodeLevel,
  HashDecoding,
  HashRejection,
  HashRejectionCode,
} from './decode-hardware-hash.js';
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
  BoardPart,
  ChassisPart,
  DiskBus,
  DiskPart,
  Finding,
  HardwareReport,
  MemoryPart,
  NetworkMedium,
  NetworkPart,
  ProcessorPart,
  ReportSource,
  SystemPart,
  TpmPart,
} from './report.js';
export { maskValue } from './snapshot/snapshot.js';
export type { FormFactor, MaskedValue, MaskReason, Snapshot } from './snapshot/snapshot.js';
export { manufacturerFamily, toSnapshot } from './snapshot/to-snapshot.js';
export { compareSnapshots } from './decision/compare.js';
export type { Comparison } from './decision/compare.js';
export { decide } from './decision/decide.js';
export type { Candidate, CandidateDecision, Cap, Decision, MatchContext } from './decision/decide.js';
export { GROUP_NAMES, GROUPS } from './decision/evidence-groups.js';
export type { Group, GroupState, GroupStates } from './decision/evidence-groups.js';
export { explain } from './decision/explain.js';
export type { ExplainedGroup, Explanation, Flip } from './decision/explain.js';
export { showSnapshot } from './decision/show-snapshot.js';
export type { ShownGroup } from './decision/show-snapshot.js';
export { judgeFreshness } from './decision/freshness.js';
export type { FreshnessDemand, FreshnessRejection, ReportMoment } from './decision/freshness.js';
export { DEFAULT_POLICY, RULES, RULESET } from './decision/rules.js';
export type { MatchPolicy, Outcome, Rule } from './decision/rules.js';
export { WEIGHTS } from './decision/weights.js';
export type { Weights } from './decision/weights.js';
export {
  applyRefresh,
  CHANGE_WINDOW_SECONDS,
  GROUP_FIELDS,
  MOST_CHANGES,
  planRefresh,
  revertRefresh,
} from './drift/refresh.js';
export type { HeldReason, RefreshEvent, RefreshHistory, RefreshPlan } from './drift/refresh.js';
export { HOT_KEY_HOLDERS, keyStanding } from './identity/key-standing.js';
export type { KeyHolders, KeyStanding } from './identity/key-standing.js';
export { reportFromOa3 } from './oa3/report-from-oa3.js';
export type { Oa3Values } from './oa3/report-from-oa3.js';
