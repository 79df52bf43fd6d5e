import { Command, Option } from 'commander';
import type { DeregistrationPlanView, NewDeregistrationPlan, PlanLineView } from '@groundcrew/contracts';
import { deregistrationReasons, type DeregistrationReason } from '@groundcrew/domain';
import { planPage } from '../deregistration/plan-page.js';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

interface Options {
  tenant: string;
  reason: DeregistrationReason;
  path?: NonNullable<NewDeregistrationPlan['path']>;
  note?: string;
  serial?: string[];
  groupTag?: string;
  purchaseOrder?: string;
  key?: string;
}

/** `groundcrew deregister plan`: shows what would happen, and changes nothing. */
export function deregisterPlan(shell: Shell): Command {
  return new Command('plan')
    .description('freeze a plan: exactly which devices, what happens to them, what is lost; changes nothing')
    .argument('[device...]', 'ids of devices')
    .requiredOption('--tenant <id>', 'the tenant')
    .addOption(new Option('--reason <reason>', 'why they leave').choices(deregistrationReasons).makeOptionMandatory())
    .addOption(
      new Option('--path <path>', 'how far it goes (else the reason says)').choices([
        'tenant_admin',
        'microsoft_365',
        'opt_out',
      ]),
    )
    .option('--note <text>', 'kept with the plan')
    .option('--serial <number...>', 'serial numbers; one that several devices show is refused')
    .option('--group-tag <tag>', 'all devices with this group tag')
    .option('--purchase-order <id>', 'all devices of this purchase order')
    .addOption(keyOption())
    .action(async (devices: string[], options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const path = `/tenants/${encodeURIComponent(options.tenant)}`;
      const plan = await client.command<DeregistrationPlanView>('POST', `${path}/deregistrations`, {
        key: keyOf(options.key),
        query: { dryRun: 'true' },
        body: jsonBody(wishOf(devices, options)),
      });
      if (report.output !== 'table') return report.json(plan);
      const lines: PlanLineView[] = [];
      for await (const line of client.items<PlanLineView>(`${path}/deregistrationPlans/${plan.id}/devices`))
        lines.push(line);
      report.text(planPage(plan, lines));
    });
}

function wishOf(devices: string[], options: Options): NewDeregistrationPlan {
  const { reason, path, note, serial, groupTag, purchaseOrder } = options;
  const isFilter = groupTag !== undefined || purchaseOrder !== undefined;
  const isNamed = devices.length > 0 || (serial?.length ?? 0) > 0;
  if (isFilter === isNamed) throw new UsageError('Name devices, or give a filter, and not both.');
  return {
    reason,
    ...(path !== undefined && { path }),
    ...(note !== undefined && { note }),
    ...(devices.length > 0 && { deviceIds: devices }),
    ...(serial !== undefined && { serialNumbers: serial }),
    ...(isFilter && {
      filter: {
        ...(groupTag !== undefined && { groupTag }),
        ...(purchaseOrder !== undefined && { purchaseOrderIdentifier: purchaseOrder }),
      },
    }),
  };
}
