export { applyDirectoryRequests } from './directory/apply-directory.js';
export { createBuiltInDirectory, directoryChannel } from './directory/built-in-directory.js';
export { prepareDirectory } from './directory/built-in-schema.js';
export type * from './directory/directory.port.js';
export { isNeighbourFault, NeighbourFault, type NeighbourFaultCode } from './neighbour-fault.js';
export type { Page, PageRequest } from './page.js';
export { listenForWakeUp, type WakeUp } from './wake-up/wake-up.js';
