import type { DeviceView } from '@groundcrew/contracts';
import { ownershipOf } from '@groundcrew/domain';
import type { ObservedDevice } from '@groundcrew/persistence';
import { toDeviceProfile } from '../assignment/assignment.view.js';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { etagOf } from '../routes/versions.js';

export function toDeviceView({
  device,
  tenantKind,
  directoryObject,
  assignment,
  designation,
  firstSeenAt,
}: ObservedDevice): DeviceView {
  // Directory and profile are written after the row was, and what is shown changes with them.
  const observed = directoryObject === null ? '' : '.observed';
  const assigned = assignment === null ? '' : `.${assignment.change}`;
  return {
    id: device.id,
    tenantId: device.tenantId,
    serialNumber: device.serialNumber ?? null,
    manufacturer: device.manufacturer ?? null,
    model: device.model ?? null,
    productKey: device.productKey ?? null,
    ownership: ownershipOf[tenantKind],
    groupTag: device.groupTag ?? null,
    purchaseOrderIdentifier: device.purchaseOrder ?? null,
    assignedUserPrincipalName: designation.assignedUser,
    displayName: designation.displayName,
    registration: {
      state: 'registered',
      registeredAt: momentOf(device.registeredAt),
      registrar: device.registrarKind,
      operationId: device.sourceRunId,
      line: device.sourceLine,
    },
    firstSeenAt: momentOrNull(firstSeenAt),
    directory:
      directoryObject === null
        ? { state: 'pending' }
        : {
            state: 'observed',
            objectId: directoryObject.objectId,
            observedAt: momentOf(directoryObject.observedAt),
          },
    profile: toDeviceProfile(assignment),
    etag: etagOf(`${device.version}${observed}${assigned}`),
  };
}
