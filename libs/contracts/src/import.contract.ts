import { z } from 'zod';
import { captureSources, correctionCodes, orderRowFields, osFamilies } from '@groundcrew/domain';
import { groupTag, purchaseOrderIdentifier } from './order.contract.js';
import { pageOf } from './page.contract.js';

/** Asks for verdicts alone. */
export const validateOnly = z
  .stringbool({ truthy: ['true'], falsy: ['false'] })
  .meta({ description: 'Gives every row its verdict and registers nothing.' });

/** How the hashes were captured and on what, where their sender declares it. */
export const captureDeclaration = {
  capturedBy: z.enum(captureSources).optional().meta({ description: 'How the hashes were captured.' }),
  osFamily: z
    .enum(osFamilies)
    .optional()
    .meta({ description: 'What the devices run: Windows 11 SE has neither PowerShell nor Configuration Manager.' }),
};
export type CaptureDeclaration = Pick<z.output<typeof importQuery>, keyof typeof captureDeclaration>;

/** What an import brings beside its rows. */
export const importQuery = z.strictObject({
  groupTag: groupTag.optional(),
  purchaseOrderIdentifier: purchaseOrderIdentifier.optional(),
  validateOnly: validateOnly.optional(),
  ...captureDeclaration,
});

/** A line that was not read as it stands, and what was changed to read it. */
export const correctedLineView = z
  .strictObject({
    line: z.int().meta({ description: 'What concerns the whole file stands at its header.' }),
    corrections: z.array(
      z.strictObject({
        code: z.enum(correctionCodes),
        field: z.enum(orderRowFields).nullable(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'CorrectedLine' });
export type CorrectedLineView = z.infer<typeof correctedLineView>;
export const correctedLinePage = pageOf('CorrectedLinePage', correctedLineView);
