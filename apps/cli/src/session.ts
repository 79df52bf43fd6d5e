import type { Command } from 'commander';
import { ApiClient } from './api/api-client.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { Report, type Output } from './output/report.js';
import { UsageError } from './usage.error.js';
import type { CliWorld } from './world.js';

/** Where the API listens on a machine that runs everything. */
export const usualApiUrl = 'http://127.0.0.1:7400';

/** How long a command waits for a service that does not answer, and how long someone who only watches does. */
const patienceSeconds = { command: 30, watch: 300 };

export interface GlobalOptions {
  output: Output;
  apiUrl?: string;
  token?: string;
  patience?: number;
}

/** What a command needs to do its work. */
export interface Session {
  client: ApiClient;
  /** The same client for whoever watches: it outlasts a restart of the service. */
  watcher: ApiClient;
  report: Report;
  interrupted: AbortSignal;
}

/** Opens sessions for commands and keeps what they ended with. */
export class Shell {
  exitCode: ExitCode = exitCodes.done;
  output: Output = 'table';

  constructor(readonly world: CliWorld) {}

  /** What a command reports to that asks nobody, and so needs no token. */
  report(command: Command): Report {
    this.output = command.optsWithGlobals<GlobalOptions>().output;
    return new Report(this.output, this.world.stdout, this.world.stderr);
  }

  /** Reads the options that every command has. */
  open(command: Command): Session {
    const options = command.optsWithGlobals<GlobalOptions>();
    const { environment, interrupted } = this.world;
    const report = this.report(command);
    const client = new ApiClient({
      apiUrl: options.apiUrl ?? environment['GROUNDCREW_API_URL'] ?? usualApiUrl,
      token: tokenOf(options.token ?? environment['GROUNDCREW_TOKEN']),
      patience: {
        milliseconds: (options.patience ?? patienceSeconds.command) * 1_000,
        signal: interrupted,
        onPause: (reason, milliseconds) =>
          report.aside(
            `The service does not answer (${reason}); trying again in ${(milliseconds / 1_000).toFixed(1)} s.`,
          ),
      },
    });
    const watcher = client.withPatience({ milliseconds: (options.patience ?? patienceSeconds.watch) * 1_000 });
    return { client, watcher, report, interrupted };
  }
}

function tokenOf(given: string | undefined): string {
  const token = given?.trim() ?? '';
  if (token === '') throw new UsageError('There is no token: set GROUNDCREW_TOKEN, or give --token.');
  // Checked here, because the platform's own message would repeat the token.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('The token holds characters that no token has.');
  return token;
}
