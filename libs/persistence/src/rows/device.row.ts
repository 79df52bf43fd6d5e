import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

export const DeviceRow = defineEntity({
  name: 'DeviceRow',
  schema: 'registry',
  tableName: 'device',
  properties: {
    tenantId: p.uuid().primary(),
    id: p.uuid().primary(),
    serialNumber: p.text().nullable(),
    manufacturer: p.text().nullable(),
    model: p.text().nullable(),
    productKey: p.text().nullable(),
    groupTag: p.text().nullable(),
    purchaseOrder: p.text().nullable(),
    registrarKind: p.text().$type<'partner' | 'tenant' | 'automatic'>(),
    registrarId: p.uuid(),
    sourceRunId: p.uuid(),
    sourceLine: p.integer(),
    hashLevel: p.text().$type<'full' | 'partial' | 'opaque'>(),
    registeredAt: p.datetime(),
    version: p.integer(),
  },
});
export type Device = InferEntity<typeof DeviceRow>;
