import { Command } from 'commander';
import type { AssignmentPreviewView, PlannedChangeBody, ProfileTargetsView } from '@groundcrew/contracts';
import { tableOf, type Column } from '../output/table.js';
import type { Shell } from '../session.js';
import { jsonBody } from './json-body.js';
import { targetsChangeOf, withTargets, type TargetOptions } from './profiles-assign.js';

type Move = AssignmentPreviewView['moves'][number];

const columns: Column<Move>[] = [
  { head: 'FROM', cell: (move) => move.fromProfileId ?? 'built-in default' },
  { head: 'TO', cell: (move) => move.toProfileId ?? 'built-in default' },
  { head: 'ENDS IN', cell: (move) => (move.detail === null ? move.state : `${move.state}: ${move.detail}`) },
  { head: 'DEVICES', cell: (move) => move.devices, align: 'right' },
];

/** `groundcrew profiles preview`: takes what `profiles assign` takes, and changes nothing. */
export function profilesPreview(shell: Shell): Command {
  return withTargets(new Command('preview'))
    .description('say which devices would change if the profile were given to these; nothing is written')
    .argument('<profile>', 'id of the profile')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (profileId: string, options: TargetOptions & { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const change = targetsChangeOf(options);
      const tenant = `/tenants/${encodeURIComponent(options.tenant)}`;
      const present = await client.get<ProfileTargetsView>(
        `${tenant}/profiles/${encodeURIComponent(profileId)}/assignments`,
      );
      const planned: PlannedChangeBody = {
        kind: 'profileAssignments',
        profileId,
        includedGroups: change.includedGroups ?? present.includedGroups,
        excludedGroups: change.excludedGroups ?? present.excludedGroups,
        allDevices: change.allDevices ?? present.allDevices,
      };
      const preview = await client.ask<AssignmentPreviewView>(`${tenant}/assignmentPreviews`, jsonBody(planned));
      report.one(preview, [
        ['Devices', preview.devices],
        ['Would change', preview.changing],
        ['Not yet looked at', preview.notYetLookedAt || null],
      ]);
      if (report.output === 'table' && preview.moves.length > 0) report.text(`\n${tableOf(columns, preview.moves)}`);
    });
}
