export { applyDirectoryRequests, createBuiltInDirectory, directoryChannel } from './directory/built-in-directory.js';
export { prepareDirectory } from './directory/built-in-schema.js';
export type {
  DeviceObjectRequest,
  DirectoryObservation,
  DirectoryPort,
  DirectoryRefusal,
  ObservedDeviceObject,
} from './directory/directory.port.js';
export { listenForWakeUp, type WakeUp } from './wake-up/wake-up.js';
