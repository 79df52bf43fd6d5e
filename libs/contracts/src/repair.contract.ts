import { repairStates } from '@groundcrew/domain';
import { z } from 'zod';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

/** Opens the repair of a device whose board is replaced: it is deregistered, and waited for. */
export const newRepair = z
  .strictObject({
    deviceId: identifier,
    why: z.string().trim().min(1).max(1000),
    donorDeviceId: identifier.optional().meta({
      description:
        'The device that the new board comes from, where that was ever registered here. It is deregistered first.',
    }),
    recoveryKeysReason: z.string().trim().min(1).max(1000).optional().meta({
      description: 'Why escrowed recovery keys may be lost.',
    }),
  })
  .meta({ id: 'NewRepair' });
export type NewRepair = z.input<typeof newRepair>;

/** What the workshop captured from the new board. After a repair a device is registered by nothing else. Source: domain.md 3.4. */
export const repairHash = z
  .strictObject({ hardwareIdentifier: z.string().trim().min(1).max(16_384) })
  .meta({ id: 'RepairHash' });
export type RepairHash = z.input<typeof repairHash>;

export const repairView = z
  .strictObject({
    id: identifier.meta({ description: 'Also the id of the run that waits for the workshop.' }),
    tenantId: identifier,
    state: z.enum(repairStates),
    deviceId: identifier.meta({ description: 'The registration before the repair.' }),
    newDeviceId: identifier.nullable().meta({ description: 'The registration after it.' }),
    serialNumber: z.string().nullable(),
    donorDeviceId: identifier.nullable(),
    why: z.string(),
    carried: z.strictObject({
      groupTag: z.string().nullable(),
      purchaseOrderIdentifier: z.string().nullable(),
      assignedUser: z.string().nullable(),
      displayName: z.string().nullable(),
    }),
    deregistrationOperationId: identifier,
    registrationOperationId: identifier.nullable(),
    restoreOperationId: identifier.nullable(),
    problem: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    reminders: z.int(),
    waitingSince: moment.nullable(),
    openedBy: z.string(),
    openedAt: moment,
    endedAt: moment.nullable(),
  })
  .meta({ id: 'Repair' });
export type RepairView = z.infer<typeof repairView>;
export const repairPage = pageOf('RepairPage', repairView);
export const repairQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(repairStates).optional(),
  deviceId: identifier.optional().meta({ description: 'The registration before or after the repair.' }),
});
