export type { AssignmentActivities, AssignmentOutcome } from './assignment/assignment.port.js';
export type { AssignmentInput } from './assignment/assignment.workflow.js';
export type {
  AutomaticRegistrationActivities,
  ConversionPage,
} from './automatic-registration/automatic-registration.port.js';
export { defaultConsentPolicy, type ConsentPolicy } from './policy/consent-policy.js';
export type { ConsentActivities } from './consent/consent.port.js';
export type { ConsentInput } from './consent/consent.workflow.js';
export type { OrphanScanActivities, ScannedStore, ScanPart, ScanPass } from './orphan-scan/orphan-scan.port.js';
export type { OrphanScanInput } from './orphan-scan/orphan-scan.workflow.js';
export { defaultRunPolicy, type RunPolicy } from './policy/run-policy.js';
export type { RegistrationOrderInput } from './registration-order/registration-order.workflow.js';
export type {
  ChunkReference,
  DirectoryStepPort,
  RegistrationOrderActivities,
  RegistryPort,
  RunReference,
  RunTotals,
} from './registration-order/registration-order.port.js';
export type { DeregistrationInput } from './deregistration/deregistration.workflow.js';
export type {
  DeregistrationActivities,
  DeregistrationRegistryPort,
  DeregistrationStepPort,
  DeregistrationTotals,
  DueChunk,
  Standing,
  StepsReference,
  TakenSteps,
} from './deregistration/deregistration.port.js';
export { defaultRepairPolicy, type RepairPolicy } from './policy/repair-policy.js';
export type { RepairActivities, RepairStanding } from './repair/repair.port.js';
export type { RepairInput } from './repair/repair.workflow.js';
export type { RestoreActivities } from './restore/restore.port.js';
export type { RestoreInput } from './restore/restore.workflow.js';
