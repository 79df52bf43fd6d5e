import { Command } from 'commander';
import type { CoverageView } from '@groundcrew/contracts';
import { exitCodes } from '../exit-codes.js';
import { positiveInteger } from '../output/limit.js';
import type { Shell } from '../session.js';

interface Options {
  partner: string;
  tenant: string;
  model?: string;
  purchaseOrder?: string;
  quantity?: number;
}

/** `groundcrew consents validate`. A script asks before it ships: exit code 1 means not covered. */
export function consentsValidate(shell: Shell): Command {
  return new Command('validate')
    .description('is this order covered, and if not why? (partners); exit code 1 when it is not')
    .requiredOption('--partner <id>', 'the partner')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--model <model>', 'the model')
    .option('--purchase-order <order>', 'the purchase order')
    .option('--quantity <count>', 'how many devices', positiveInteger)
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const query = new URLSearchParams({
        tenantId: options.tenant,
        ...(options.model !== undefined && { model: options.model }),
        ...(options.purchaseOrder !== undefined && { purchaseOrderIdentifier: options.purchaseOrder }),
        ...(options.quantity !== undefined && { quantity: String(options.quantity) }),
      });
      const path = `/partners/${encodeURIComponent(options.partner)}/consents/validate?${query}`;
      const answer = await client.get<CoverageView>(path);
      report.one(answer, [
        ['Covered', answer.covered ? 'yes' : 'no'],
        ['Code', answer.code],
        ['Why not', answer.message],
      ]);
      if (!answer.covered) shell.exitCode = exitCodes.rejected;
    });
}
