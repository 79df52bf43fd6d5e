import { Command } from 'commander';
import type { AssignmentExplanationView } from '@groundcrew/contracts';
import { tableOf, type Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { ruleLines } from './rule-lines.js';

type Competitor = AssignmentExplanationView['competitors'][number];
const competitorColumns: Column<Competitor>[] = [
  { head: 'PROFILE', cell: ({ profile }) => profile.displayName },
  { head: 'CREATED', cell: ({ profile }) => profile.createdAt },
  { head: 'LOST BY', cell: ({ lostBy }) => lostBy },
  { head: 'GROUPS', cell: ({ groups }) => groups.join(' ') },
];

/** `groundcrew devices explain` */
export function devicesExplain(shell: Shell): Command {
  return new Command('explain')
    .description('explain the profile of a device: the rule, the membership, and what it won against')
    .argument('<device>', 'id of the device')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (deviceId: string, options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const tenant = encodeURIComponent(options.tenant);
      const path = `/tenants/${tenant}/devices/${encodeURIComponent(deviceId)}/assignment`;
      const explained = await client.get<AssignmentExplanationView>(path);
      const { current, due } = explained;
      report.one(explained, [
        ['Device', explained.deviceId],
        ['State', current?.state ?? 'unassigned'],
        ['Has', current?.profileId ?? 'built-in default'],
        ['Since', current?.assignedAt],
        ['Decided by', current?.operationId],
        ['Is due', due.profile?.displayName ?? 'built-in default'],
        ['Does not fit', due.misfit],
        ['Under way', explained.openOperationId],
        ['Why', explained.sentence],
      ]);
      if (report.output !== 'table') return;
      for (const { displayName, groupId, rule } of explained.memberships) {
        report.text(`\nMember of ${displayName} (${groupId})${rule === null ? ', by name' : ', by its rule'}`);
        if (rule !== null) report.text(ruleLines(rule).join('\n'));
      }
      if (explained.competitors.length > 0) report.text(`\n${tableOf(competitorColumns, explained.competitors)}`);
    });
}
