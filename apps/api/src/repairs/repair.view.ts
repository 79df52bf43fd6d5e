import type { RepairView } from '@groundcrew/contracts';
import type { RepairRecord } from '@groundcrew/persistence';
import { momentOf, momentOrNull } from '../routes/moments.js';

export function toRepairView(repair: RepairRecord): RepairView {
  return {
    id: repair.id,
    tenantId: repair.tenantId,
    state: repair.state,
    deviceId: repair.deviceId,
    newDeviceId: repair.newDeviceId,
    serialNumber: repair.serialNumber,
    donorDeviceId: repair.donorDeviceId,
    why: repair.why,
    carried: {
      groupTag: repair.groupTag,
      purchaseOrderIdentifier: repair.purchaseOrder,
      assignedUser: repair.userName ?? repair.assignedUser,
      displayName: repair.displayName,
    },
    deregistrationOperationId: repair.deregistrationRunId,
    registrationOperationId: repair.registrationRunId,
    restoreOperationId: repair.restoreRunId,
    problem: repair.problem,
    reminders: repair.reminders,
    waitingSince: momentOrNull(repair.waitingSince),
    openedBy: repair.openedBy,
    openedAt: momentOf(repair.openedAt),
    endedAt: momentOrNull(repair.endedAt),
  };
}
