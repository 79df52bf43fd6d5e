export { applyDirectoryRequests } from './directory/apply-directory.js';
export { createBuiltInDirectory, directoryChannel } from './directory/built-in-directory.js';
export { prepareDirectory } from './directory/built-in-schema.js';
export type * from './directory/directory.port.js';
export { applyManagementRequests } from './management/apply-management.js';
export {
  createBuiltInManagement,
  managementChannel,
  type ManagementOptions,
} from './management/built-in-management.js';
export { enrolDevices, type EnrolledDevice, type EnrollingDevice } from './management/enrol-devices.js';
export type * from './management/management.port.js';
export {
  endMisbehaviour,
  finishWhatIsStuck,
  misbehaviours,
  setMisbehaviour,
  type MisbehaviourKind,
  type MisbehaviourRule,
  type NeighbourName,
} from './misbehaviour/misbehaviour.js';
export { around, misbehaving } from './misbehaviour/misbehaving.js';
export { bringBack } from './misbehaviour/reappearing.js';
export { isNeighbourFault, NeighbourFault, type NeighbourFaultCode } from './neighbour-fault.js';
export type { Page, PageRequest } from './page.js';
export {
  applyPartnerViewRequests,
  createBuiltInPartnerView,
  partnerViewChannel,
} from './partner-view/built-in-partner-view.js';
export type * from './partner-view/partner-view.port.js';
export { prepareNeighbours } from './prepare-neighbours.js';
export type { RequestObservation, RequestResult } from './requests/request-observation.js';
export { openPool } from './open-pool.js';
export { listenForWakeUp, type WakeUp } from './wake-up/wake-up.js';
