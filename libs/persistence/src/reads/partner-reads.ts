import { DeviceRow, type Device } from '../rows/device.row.js';
import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from './keyset.js';

export interface PartnerRegistrationFilter {
  serialNumber?: string;
  groupTag?: string;
  purchaseOrder?: string;
}

/** What partners registered for a tenant. What the tenant registered itself is not among it, and no policy shows it to a partner. */
export async function listPartnerRegistrations(
  unit: Unit,
  tenantId: string,
  filter: PartnerRegistrationFilter,
  page: Keyset<string>,
): Promise<Slice<Device>> {
  const after = page.after === null ? {} : { id: { $gt: page.after } };
  const where = { tenantId, registrarKind: 'partner' as const, ...filter, ...after };
  return sliceOf(await unit.em.find(DeviceRow, where, { orderBy: { id: 'asc' }, limit: page.limit + 1 }), page.limit);
}

/**
 * Those of the named devices that partners registered for the tenant: what a partner may name when it takes registrations away. What is
 * left out does not exist for it.
 */
export async function findPartnerRegistrations(
  unit: Unit,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<Device[]> {
  if (deviceIds.length === 0) return [];
  const where = { tenantId, registrarKind: 'partner' as const, id: { $in: [...deviceIds] } };
  return await unit.em.find(DeviceRow, where, { orderBy: { id: 'asc' } });
}
