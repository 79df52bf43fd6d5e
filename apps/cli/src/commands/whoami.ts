import { Command } from 'commander';
import type { WhoamiView } from '@groundcrew/contracts';
import type { Shell } from '../session.js';

/** `groundcrew whoami` */
export function whoami(shell: Shell): Command {
  return new Command('whoami').description('show who you are to the service').action(async (_options, command) => {
    const { client, report } = shell.open(command as Command);
    const caller = await client.get<WhoamiView>('/whoami');
    report.one(caller, [
      ['Caller', caller.principal],
      ['Kind', caller.kind],
      ['Roles', caller.roles.join(', ')],
      ['May', caller.permissions.join(', ')],
      ['Tenant', caller.tenantId],
      ['Partner', caller.partnerId],
    ]);
  });
}
