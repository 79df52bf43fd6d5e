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

/** A device as its maker names it. */
export interface NamedByMaker {
  serialNumber: string;
  manufacturer?: string | undefined;
  model?: string | undefined;
}

/** A registration that a partner made itself. `place` is that of the name it answers to. */
export interface OwnRegistration {
  place: number;
  tenantId: string;
  deviceId: string;
  manufacturer: string | null;
  model: string | null;
}

/**
 * What the partner itself registered under these names, for whichever customers authorise it now. The caller decides about names that mean
 * none or several. One look per name and customer, at the customer's serial numbers.
 */
export async function findOwnRegistrations(
  unit: Unit,
  partnerId: string,
  names: readonly NamedByMaker[],
): Promise<OwnRegistration[]> {
  return await unit.query<OwnRegistration>(
    `select (w.place - 1)::integer as place, d.tenant_id as "tenantId", d.id as "deviceId", d.manufacturer, d.model
     from (select distinct tenant_id from registry.consent where partner_id = $1 and state = 'granted') c
     cross join unnest($2::text[], $3::text[], $4::text[]) with ordinality as w (serial_number, manufacturer, model, place)
     join registry.device d on d.tenant_id = c.tenant_id and d.serial_number = w.serial_number
     where d.registrar_kind = 'partner' and d.registrar_id = $1
       and (w.manufacturer is null or d.manufacturer = w.manufacturer) and (w.model is null or d.model = w.model)
     order by d.tenant_id, d.id`,
    [
      partnerId,
      names.map(({ serialNumber }) => serialNumber),
      names.map(({ manufacturer }) => manufacturer ?? null),
      names.map(({ model }) => model ?? null),
    ],
  );
}
