import { orphanClasses, repairableOrphans, type OrphanClass } from '@groundcrew/domain';
import { z } from 'zod';
import { identifier, moment } from './identifiers.contract.js';
import { pageOf, pageQuery } from './page.contract.js';

/** Something that lies in one store without its counterpart in another, what each store said, and what repairs it. */
export const orphanView = z
  .strictObject({
    id: identifier,
    class: z.enum(orphanClasses),
    subject: identifier,
    registrationId: identifier.nullable(),
    serialNumber: z.string().nullable(),
    evidence: z.record(z.string(), z.unknown()),
    proposal: z.strictObject({
      run: z.enum(['repair', 'deregistration', 'registration', 'nobody']),
      sentence: z.string(),
    }),
    firstSeenAt: moment,
    lastSeenAt: moment,
    resolvedAt: moment.nullable(),
    operationId: identifier,
  })
  .meta({ id: 'Orphan' });
export type OrphanView = z.infer<typeof orphanView>;
export const orphanPage = pageOf('OrphanPage', orphanView);

export const orphanQuery = z.strictObject({
  ...pageQuery,
  class: z.enum(orphanClasses).optional(),
  resolved: z.enum(['true', 'false']).optional().meta({ description: 'Those that later scans did not find any more.' }),
});
export type OrphanQuery = z.infer<typeof orphanQuery>;

/** A comparison of all stores. It may repair what loses nothing by it. */
export const orphanScan = z
  .strictObject({
    repair: z
      .array(z.enum(repairableOrphans as [OrphanClass, ...OrphanClass[]]))
      .max(repairableOrphans.length)
      .optional()
      .meta({ description: 'The classes that the scan repairs by itself; none unless said.' }),
  })
  .meta({ id: 'OrphanScan' });
