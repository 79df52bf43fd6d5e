import { PassThrough } from 'node:stream';
import type { ExitCode } from '../exit-codes.js';
import { runCli } from '../program.js';
import type { Terminal } from '../world.js';
import type { ScriptedService } from './scripted-service.js';

export interface Outcome {
  exitCode: ExitCode;
  stdout: string;
  stderr: string;
}

/** Runs a call of the CLI in this process against a scripted service. */
export async function cli(
  service: ScriptedService,
  argv: string[],
  { isTTY = false, interrupted = new AbortController().signal } = {},
): Promise<Outcome> {
  const stdout = capture(isTTY);
  const stderr = capture(isTTY);
  const environment = { GROUNDCREW_API_URL: service.url, GROUNDCREW_TOKEN: 'a-token' };
  const exitCode = await runCli(argv, { environment, stdout: stdout.stream, stderr: stderr.stream, interrupted });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function capture(isTTY: boolean): { stream: Terminal; text: () => string } {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream: Object.assign(stream, isTTY ? { isTTY, columns: 120, rows: 40 } : {}), text: () => chunks.join('') };
}
