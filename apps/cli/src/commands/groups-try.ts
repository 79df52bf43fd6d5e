import { Command } from 'commander';
import type { GroupView, RuleTrialView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { pathOfGroups } from './group-facts.js';
import { jsonBody } from './json-body.js';
import { ruleLines } from './rule-lines.js';

interface Options {
  tenant: string;
  device: string;
  rule?: string;
  group?: string;
}

/** `groundcrew groups try` */
export function groupsTry(shell: Shell): Command {
  return new Command('try')
    .description('try a rule on a device; it explains itself and changes nothing')
    .requiredOption('--tenant <id>', 'the tenant')
    .requiredOption('--device <id>', 'the device')
    .option('--rule <rule>', 'the rule')
    .option('--group <id>', 'the rule of this group')
    .action(async (options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      if ((options.rule === undefined) === (options.group === undefined))
        throw new UsageError('Give either --rule or --group.');
      const rule =
        options.rule ?? (await client.get<GroupView>(pathOfGroups(options.tenant, options.group))).rule ?? undefined;
      if (rule === undefined) throw new UsageError('The members of this group are named: it has no rule to try.');
      const path = `/tenants/${encodeURIComponent(options.tenant)}/ruleTrials`;
      const tried = await client.ask<RuleTrialView>(path, jsonBody({ rule, deviceId: options.device }));
      report.one(tried, [['Member', tried.member ? 'yes' : 'no']]);
      if (report.output === 'table') report.text(`\n${ruleLines(tried.explanation).join('\n')}`);
    });
}
