import { z } from 'zod';
import { fieldLimits } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

/** One device that a maker has on file: registered, and bound to nobody. Its hash never leaves. */
export const hardwareView = z
  .strictObject({
    id: identifier,
    partnerId: identifier,
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    serialNumber: z.string().nullable(),
    productKey: z.string().nullable(),
    hashLevel: z.enum(['full', 'partial', 'opaque']),
    operationId: identifier,
    line: z.int(),
    uploadedAt: moment,
    supersededAt: moment
      .nullable()
      .meta({ description: 'The device was registered with another board since: it is found by its hash alone.' }),
  })
  .meta({ id: 'Hardware' });
export type HardwareView = z.infer<typeof hardwareView>;
export const hardwarePage = pageOf('HardwarePage', hardwareView);

export const hardwareQuery = z.strictObject({
  ...pageQuery,
  serialNumber: z.string().min(1).max(fieldLimits.serialNumber).optional(),
  operationId: identifier.optional(),
});
