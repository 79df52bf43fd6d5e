import { Command, CommanderError, Option } from 'commander';
import { consentsDecline } from './commands/consents-decline.js';
import { consentsGrant } from './commands/consents-grant.js';
import { consentsList } from './commands/consents-list.js';
import { consentsRequest } from './commands/consents-request.js';
import { consentsRevoke } from './commands/consents-revoke.js';
import { consentsShow } from './commands/consents-show.js';
import { consentsValidate } from './commands/consents-validate.js';
import { devicesList } from './commands/devices-list.js';
import { match } from './commands/match.js';
import { ordersSubmit } from './commands/orders-submit.js';
import { partnersChange } from './commands/partners-change.js';
import { partnersCreate } from './commands/partners-create.js';
import { partnersList } from './commands/partners-list.js';
import { partnersRegistrations } from './commands/partners-registrations.js';
import { runsCancel } from './commands/runs-cancel.js';
import { runsList } from './commands/runs-list.js';
import { runsResolve } from './commands/runs-resolve.js';
import { runsShow } from './commands/runs-show.js';
import { tenantsCreate } from './commands/tenants-create.js';
import { whoami } from './commands/whoami.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { reportFault } from './output/fault.js';
import { positiveInteger } from './output/limit.js';
import { outputs } from './output/report.js';
import { Shell, usualApiUrl } from './session.js';
import type { CliWorld } from './world.js';

/** Runs one call of the command line and answers its exit code. */
export async function runCli(argv: string[], world: CliWorld): Promise<ExitCode> {
  const shell = new Shell(world);
  try {
    await programOf(shell).parseAsync(argv, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    if (world.interrupted.aborted) return exitCodes.interrupted;
    // Help and version are asked for with success; commander has said itself what was wrong with everything else.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
    return reportFault(error, shell.output, world.stderr);
  }
}

function programOf(shell: Shell): Command {
  const program = new Command('groundcrew')
    .description('Deploy devices: register, watch, list.')
    .addOption(new Option('--output <form>', 'form of the result').choices(outputs).default('table'))
    .option('--api-url <url>', `address of the API (GROUNDCREW_API_URL; else ${usualApiUrl})`)
    .option('--token <token>', 'bearer token (better in GROUNDCREW_TOKEN: others can see a command line)')
    .addOption(
      new Option(
        '--patience <seconds>',
        'how long to wait for a service that does not answer (else 30, 300 when watching)',
      ).argParser(positiveInteger),
    )
    .addHelpText(
      'after',
      `\nExit codes: 0 done, 1 rows were rejected, 2 usage or refusal, 3 the service cannot be reached.`,
    );
  program.addCommand(groupOf('tenants', 'the customers', [tenantsCreate(shell)]));
  program.addCommand(
    groupOf('partners', 'who may register for them', [
      partnersCreate(shell),
      partnersList(shell),
      partnersChange(shell),
      partnersRegistrations(shell),
    ]),
  );
  program.addCommand(
    groupOf('consents', 'what tenants allow partners', [
      consentsRequest(shell),
      consentsList(shell),
      consentsShow(shell),
      consentsGrant(shell),
      consentsDecline(shell),
      consentsRevoke(shell),
      consentsValidate(shell),
    ]),
  );
  program.addCommand(groupOf('orders', 'devices to register', [ordersSubmit(shell)]));
  program.addCommand(
    groupOf('runs', 'durable work over devices', [
      runsShow(shell),
      runsList(shell),
      runsCancel(shell),
      runsResolve(shell, 'retry'),
      runsResolve(shell, 'confirm'),
      runsResolve(shell, 'abandon'),
    ]),
  );
  program.addCommand(groupOf('devices', 'registered devices', [devicesList(shell)]));
  program.addCommand(match(shell));
  program.addCommand(whoami(shell));
  return inWorld(program, shell.world);
}

function groupOf(name: string, description: string, commands: Command[]): Command {
  const group = new Command(name).description(description);
  for (const command of commands) group.addCommand(command);
  return group;
}

/** Settings that commander hands down only to commands made by their parents. */
function inWorld(command: Command, world: CliWorld): Command {
  command
    .exitOverride()
    .showHelpAfterError('(--help shows how it is called)')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
    });
  for (const child of command.commands) inWorld(child as Command, world);
  return command;
}
