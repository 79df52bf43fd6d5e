/**
 * What is asked of the database in SQL alone: whoever executes runs loads the driver, and neither the entity manager nor its entities.
 */
export { databaseRoles, roleName, urlFor, type DatabaseRole } from './database-urls.js';
export { Slices } from './bulk/slices.js';
export { SpareBuffers } from './bulk/spare-buffers.js';
export { createSealer, hashContext, partContext, type Sealer } from './sealing.js';
export {
  devicePopulation,
  findCandidateRows,
  findCandidates,
  mostCandidates,
  sealSnapshot,
  snapshotContext,
  type AskSql,
  type CandidateRow,
  type FoundCandidate,
} from './matching/candidate-index.js';
export { gatherKeys, type ReportKeys } from './matching/report-keys.js';
export { groupsSeenElsewhere, identify, toCandidates } from './matching/identify.js';
export {
  applyRefreshPlan,
  loadRecentRefreshes,
  takeBackRefresh,
  type RefreshOutcome,
  type RefreshTools,
  type TakeBackOutcome,
} from './matching/snapshot-refreshes.js';
export { formatUuid, uuidV7, uuidV7Bytes } from './identifiers/uuid-v7.js';
export { letGo } from './bulk/let-go.js';
export { CopyBuffer } from './bulk/copy-buffer.js';
export { askOf } from './bulk/ask-of.js';
export {
  freeDevices,
  heldByOthers,
  reserveDevices,
  type HeldDevice,
  type ReservationKind,
  type ReservingRun,
} from './exclusion/device-reservations.js';
export { copyRows, inTenant } from './bulk/tenant-transaction.js';
export type {
  Candidate,
  ChunkDecision,
  ClaimKind,
  CorrectedLine,
  IdentityClaim,
  RejectedRow,
  RowDetail,
} from './registration/chunk-decision.js';
export {
  loadAwaiting,
  loadOpenChunk,
  type AwaitingDevice,
  type ChunkKey,
  type OpenChunk,
} from './registration/open-chunk.js';
export { registerChunk, type RegisteredChunk } from './registration/register-chunk.js';
export { readDesignations, writeDesignations, type DesignatedDevice } from './designation/designations.js';
export { noteFirstSeen, type SeenDevice } from './first-seen/note-first-seen.js';
export { changeDevice, holdDevice, type HeldRegistration } from './designation/change-device.js';
export { forgetRetags, requestRetags, tellRetags, type Retag } from './designation/retags.js';
export { addDomain, listDomains, readDomains, type TenantDomain } from './designation/tenant-domains.js';
export { deviceFactTables, type DeviceFactTable } from './registration/device-facts.js';
export { removeRegistrations, type RemovedRegistration } from './registration/remove-registrations.js';
export { closeRun, openRun, type RunKey, type Standing } from './registration/run-store.js';
export { loadReleasing, markReleaseAccepted, settleRelease } from './removal/release-chunk.js';
export { fileChunk } from './makers/file-chunk.js';
export { findOnFile, type FoundOnFile } from './makers/find-on-file.js';
export { findHardware, listHardware, type HardwareRecord } from './makers/hardware-reads.js';
export { hardwareContext, type HardwareUpload } from './makers/hardware-upload.js';
export {
  listOrderDevices,
  reconcileOrder,
  type OrderDevice,
  type OrderDeviceKey,
  type OrderReconciliation,
} from './orders/order-reads.js';
export { takeBackChunk } from './removal/take-back-chunk.js';
export { commandRun, holdRun } from './commands/run-commands.js';
export { markDirectoryAccepted, noteWait, settleChunk, type SettledDirectory } from './registration/settle-chunk.js';
export {
  claimRunsToStart,
  markStarted,
  outboxChannel,
  postpone,
  startOpenAssignmentsAgain,
  sweepAbandoned,
  type OutboxTopic,
  type RunToStart,
} from './outbox/outbox-store.js';
export {
  closeConsentRun,
  expireConsent,
  openConsentRun,
  remindOfConsent,
  type ConsentStanding,
} from './consents/consent-run-store.js';
export { loadConversionTargets } from './automatic-registration/conversion-targets.js';
export { findRegisteredAmong, submitCandidates } from './automatic-registration/submit-candidates.js';
export { listOrphans, type OrphanFinding } from './orphans/orphan-reads.js';
export { listActiveTenants, requestOrphanScan, requestScheduledScan } from './orphans/request-scan.js';
export {
  closeScan,
  findRegistrations,
  listComparedRegistrations,
  openScan,
  saveFindings,
  type ComparedRegistration,
  type KnownRegistrations,
} from './orphans/scan-store.js';
export { assignChunk, type ChunkEnd } from './assignment/assign-chunk.js';
export { closeAssignment, openAssignment, type AssignmentOutcome } from './assignment/assignment-run.js';
export {
  explainAssignment,
  findRuleDevice,
  type AssignmentExplanation,
  type ExplainedMembership,
  type StoredAssignment,
} from './assignment/explain-assignment.js';
export {
  previewAssignments,
  type AssignmentPreview,
  type PlannedChange,
  type PreviewedDevice,
} from './assignment/preview-assignments.js';
export { findChangedHardware, hasChangedHardware, lookAgain } from './remediation/look-again.js';
export { tenantKindOf } from './education/tenant-kind.js';
export { keepManagedFacts, type ManagedFacts } from './profiles/managed-facts.js';
export { deliverAssignment, type DeliveredAssignment } from './assignment/delivery.js';
export {
  addGroup,
  changeGroup,
  findGroup,
  listGroups,
  lockGroup,
  mostGroups,
  removeGroup,
  type DeviceGroup,
  type GroupUse,
} from './groups/device-groups.js';
export { addMembers, listMembers, removeMembers, type GroupMember } from './groups/group-members.js';
export { putBackChunk } from './assignment/put-back-chunk.js';
export { requestAssignment, type AssignmentCause, type AssignmentCauseKind } from './assignment/request-assignment.js';
export { appendAudit, platformChain, type AuditEntry } from './commands/audit.js';
export { authoriseProvider, revokeProvider, type ProviderConsent } from './commands/provider-consents.js';
export { listCorrections, type CorrectionRecord } from './corrections/list-corrections.js';
export { failedRowsDays, type ArrivedPart } from './failed-rows/keep-failed-rows.js';
export {
  commitUpload,
  findUpload,
  keepUploadPart,
  listUploadParts,
  openUpload,
  readUploadPart,
  uploadContext,
  type Upload,
  type UploadPart,
  type UploadTerms,
} from './uploads/upload-store.js';
export {
  findCase,
  keepCaseRows,
  listCases,
  lockCase,
  openCase,
  proofContext,
  readProof,
  saveDecision,
  type SurfaceCase,
} from './cases/case-store.js';
export { surfaceModels } from './cases/surface-models.js';
export { LegibleText } from './intake/legible-text.js';
export { isBlankRecord, PartCutter, partLimits, recordLimit, type BodyPart } from './intake/lines.js';
export { listAuditEvents, type AuditRecord } from './reads/audit-reads.js';
export { findDevice, listDevices, type DeviceFilter, type ObservedDevice } from './reads/device-reads.js';
export {
  nextRunEvents,
  nextTenantEvents,
  presentPlace,
  type EventRecord,
  type StreamPlace,
  type TenantEventRecord,
} from './reads/event-reads.js';
export type { Keyset, Slice } from './reads/keyset.js';
export { listenToRunEvents, type RunEventListener } from './reads/run-event-listener.js';
export { actForCustomer } from './scope/act-for-customer.js';
export { foldedColumns, ruleToSql, type RuleCondition } from './membership/rule-sql.js';
export {
  countHidingProfiles,
  deleteBranding,
  findBranding,
  keepBranding,
  type TenantBranding,
} from './profiles/branding.js';
export { findDeviceFacts, keepDeviceFacts, type KnownDeviceFacts } from './profiles/device-facts.js';
export { findTargets, profilesOfGroups, replaceTargets, unknownGroups } from './profiles/profile-targets.js';
export {
  addProfile,
  changeProfile,
  deleteProfile,
  findProfile,
  listProfiles,
  listProfileVersions,
  lockProfile,
  lockProfilesOf,
  profilesConvertingDevices,
  type Profile,
  type ProfilePlace,
  type ProfileVersion,
} from './profiles/profiles.js';
export { approveApp, approvedAmong, listApprovedApps, withdrawApp, type ApprovedApp } from './esp/approved-apps.js';
export {
  addEsp,
  changeEsp,
  deleteEsp,
  findEsp,
  listEsps,
  lockEsps,
  placeEsps,
  type Esp,
  type EspDraft,
} from './esp/esp-store.js';
export { findEspDevice, type EspDevice } from './esp/esp-subject.js';
export {
  addUserGroup,
  changeUserGroup,
  deleteUserGroup,
  findUserGroup,
  groupsOfUser,
  listUserGroups,
  unknownUserGroups,
  unknownUsers,
  type UserGroup,
} from './esp/user-groups.js';
export { removeChunk } from './deregistration/remove-chunk.js';
export { archiveDays } from './restore/archive-registrations.js';
export type { DeviceStepKey, LedgerDevice, StepOutcome } from './deregistration/ledger-device.js';
export { acceptStep, beginStep, noteNeighbourFault } from './deregistration/step-store.js';
export { settleStep } from './deregistration/settle-step.js';
export {
  acceptUndo,
  beginUndo,
  loadUndone,
  settleRestored,
  settleUndo,
  undoName,
  type DeviceToUndo,
  type UndoOutcome,
} from './deregistration/undo-store.js';
export { openDeregistration, standingOf, type RunStanding } from './deregistration/run-standing.js';
export { endSync, joinSync, postponeSync, type SyncStanding } from './deregistration/tenant-sync.js';
export {
  findDeregistration,
  ledgerKeyOf,
  listLedgerDevices,
  listLedgerSteps,
  lockAttention,
  type AttentionDevice,
  type DeregistrationRecord,
  type LedgerDeviceRecord,
  type LedgerKey,
  type LedgerStepRecord,
  type ResolvedDevices,
} from './deregistration/ledger-reads.js';
export {
  registryFactsOf,
  selectDevices,
  type DeviceSelection,
  type RegistryFacts,
  type SelectedDevices,
} from './deregistration/select-devices.js';
export {
  addPlan,
  allPlanLines,
  approvePlan,
  findPlan,
  listPlanLines,
  type DeregistrationPlan,
  type PlanLine,
} from './deregistration/plans.js';
export { guardSettingsOf, inventoryOf, setGuards } from './deregistration/guard-settings.js';
export { liftHold, placeHold, type DeviceHold } from './deregistration/device-holds.js';
export { resolveDevices, type ResolvedDevice } from './deregistration/resolve-devices.js';
export {
  acceptRepair,
  findRepair,
  isRegisteredHere,
  letGoOfDevice,
  listRepairs,
  repairRegisters,
  repairRestores,
  type OpenedRepair,
  type RepairRecord,
} from './repair/accept-repair.js';
export { advanceRepair, closeRepair, loadRepairedUser, openRepair, type RepairedUser } from './repair/repair-case.js';
export {
  loadRestored,
  restoreChunk,
  settleRestoredChunk,
  type RestoredDevice,
  type SeenAtNeighbours,
} from './restore/restore-chunk.js';
export {
  countAlikeMembers,
  countDevicesOfTag,
  findGroupOfTag,
  listSchoolGroups,
  lockSchoolGroups,
  type AlikeMembers,
  type SchoolGroup,
} from './education/school-groups.js';
