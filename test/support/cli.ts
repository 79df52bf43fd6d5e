import { PassThrough } from 'node:stream';
import type { ExitCode } from '../../apps/cli/src/exit-codes.js';
import { runCli } from '../../apps/cli/src/program.js';

/** What a call of the command line said, and how it ended. */
export interface Said {
  exitCode: ExitCode;
  stdout: string;
  stderr: string;
}

/** Runs calls of the command line in this process, against a service that listens at a real address. */
export async function groundcrew(apiUrl: string, token: string, ...argv: string[]): Promise<Said> {
  const [stdout, stderr] = [capture(), capture()];
  const exitCode = await runCli(argv, {
    environment: { GROUNDCREW_API_URL: apiUrl, GROUNDCREW_TOKEN: token },
    stdout: stdout.stream,
    stderr: stderr.stream,
    interrupted: new AbortController().signal,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function capture(): { stream: PassThrough; text: () => string } {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join('') };
}
