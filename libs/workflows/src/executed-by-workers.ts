// The bundle's root. Every function exported here is a workflow that can be started by its name, so nothing else is exported.
export { assignment } from './assignment/assignment.workflow.js';
export { scheduledConversions } from './automatic-registration/automatic-registration.workflow.js';
export { consent } from './consent/consent.workflow.js';
export { deregistration } from './deregistration/deregistration.workflow.js';
export { orphanScan, scheduledOrphanScans } from './orphan-scan/orphan-scan.workflow.js';
export { registrationOrder } from './registration-order/registration-order.workflow.js';
export { repair } from './repair/repair.workflow.js';
export { restore } from './restore/restore.workflow.js';
