import type { RepairView } from '@groundcrew/contracts';

/** What people read first about a repair. */
export function factsOfRepair(repair: RepairView): [string, string | null][] {
  return [
    ['Repair', repair.id],
    ['State', repair.state],
    ['Why', repair.why],
    ['Serial number', repair.serialNumber],
    ['Registration before', repair.deviceId],
    ['Registration after', repair.newDeviceId],
    ['Donor of the board', repair.donorDeviceId],
    ['Group tag', repair.carried.groupTag],
    ['Purchase order', repair.carried.purchaseOrderIdentifier],
    ['User', repair.carried.assignedUser],
    ['Display name', repair.carried.displayName],
    ['Deregistration', repair.deregistrationOperationId],
    ['New registration', repair.registrationOperationId],
    ['Restore', repair.restoreOperationId],
    ['Problem', repair.problem === null ? null : `${repair.problem.code}: ${repair.problem.message}`],
    ['At the workshop since', repair.waitingSince],
    ['Ended', repair.endedAt],
  ];
}

/** Where a tenant's repairs are. */
export function repairsOf(tenantId: string): string {
  return `/tenants/${encodeURIComponent(tenantId)}/repairs`;
}
