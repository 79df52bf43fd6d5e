import { Command, CommanderError, Option } from 'commander';
import { whoami } from './commands/whoami.js';
import { registeringNouns } from './nouns/registering.js';
import { runningNouns } from './nouns/running.js';
import { settingUpNouns } from './nouns/setting-up.js';
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
    .addOption(new Option('--json', 'the same as --output json').implies({ output: 'json' }))
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
  for (const noun of [...registeringNouns(shell), ...settingUpNouns(shell), ...runningNouns(shell)])
    program.addCommand(noun);
  program.addCommand(whoami(shell));
  return inWorld(program, shell.world);
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
