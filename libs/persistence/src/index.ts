export * from './without-orm.js';
export { acceptRemoval, type RemovalOfOrder } from './orders/order-commands.js';
export {
  addGrantedConsent,
  decideConsent,
  endConsentsOf,
  lockConsent,
  lockConsentOfLink,
  lockOpenConsent,
  requestConsent,
  type Decided,
} from './commands/consents.js';
export {
  answerKey,
  claimKey,
  freeKey,
  renewKey,
  type KeyClaim,
  type KeyOutcome,
  type StoredAnswer,
} from './commands/idempotency-keys.js';
export { addPartner, addTenant, addUser, lockPartner, offboardTenant, savePartner } from './commands/onboarding.js';
export {
  acceptOrder,
  acceptRun,
  holdTenant,
  lockRegistrationAuthority,
  type ArrivedOrder,
  type ArrivedRun,
  type RegistrationAuthority,
} from './intake/accept-order.js';
export { dropIntake, keepPart, openIntake, renewIntake, type OpenIntake } from './intake/intake-store.js';
export { nextFailedRows, type FailedRow } from './failed-rows/read-failed-rows.js';
export {
  findOwnRegistrations,
  findPartnerRegistrations,
  listPartnerRegistrations,
  type OwnRegistration,
  type PartnerRegistrationFilter,
} from './reads/partner-reads.js';
export {
  findOrder,
  findRun,
  listOrders,
  listRunItems,
  listRuns,
  listRunSteps,
  runIdsOfOrders,
  stepKeyOf,
  type StepKey,
  type StepRecord,
} from './reads/run-reads.js';
export {
  findPartner,
  findTenant,
  findUser,
  findConsent,
  listConsentEvents,
  listConsents,
  listPartnerConsents,
  listPartners,
  listTenants,
  listUsers,
  standingOfDirectoryTenant,
  type ConsentEventRecord,
  type DirectoryTenantStanding,
} from './reads/tenancy-reads.js';
export type { Device } from './rows/device.row.js';
export type { DeviceOrder, ItemDetail, Run, RunDefaults, RunItem, SourceFormat } from './rows/run.row.js';
export type { Consent, Partner, Tenant, TenantUser } from './rows/tenancy.row.js';
export { openDatabase, type Database, type DatabaseOptions } from './scope/database.js';
export { ask, readInScope, sqlStateOf, withScope, type Scope, type Unit } from './scope/with-scope.js';
export { executePlan, type PlanExecution } from './deregistration/execute-plan.js';
export { acceptRestore, type RequestedRestore } from './restore/accept-restore.js';
