import type { ChangedDevice, DeviceView } from '@groundcrew/contracts';
import type { Report } from '../output/report.js';

/** A device as a person reads it. */
export function reportDevice(report: Report, device: DeviceView | ChangedDevice): void {
  const { registration, directory, profile } = device;
  report.one(device, [
    ['Device', device.id],
    ['Serial number', device.serialNumber],
    ['Manufacturer', device.manufacturer],
    ['Model', device.model],
    ['Product key', device.productKey],
    ['Ownership', device.ownership.replace('_', '-')],
    ['Group tag', device.groupTag],
    ['Purchase order', device.purchaseOrderIdentifier],
    ['Assigned user', device.assignedUserPrincipalName],
    ['Display name', device.displayName],
    ['Registered', registration.registeredAt],
    ['By', `${registration.registrar}, run ${registration.operationId} line ${registration.line}`],
    ['First seen', device.firstSeenAt],
    ['Directory', directory.state === 'observed' ? `observed as ${directory.objectId}` : directory.state],
    ['Profile', profile.state],
    ...('operationId' in device && device.operationId !== null ? [['Run', device.operationId] as const] : []),
  ]);
}
