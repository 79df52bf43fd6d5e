import type { Problem } from '@groundcrew/contracts';
import { RefusedError, UnreachableError } from '../api/api.error.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import type { Terminal } from '../world.js';
import { UsageError } from '../usage.error.js';
import { printable } from './printable.js';
import type { Output } from './report.js';

const MOST_FAULTS_SHOWN = 20;

/** Says on the error stream what went wrong and what to do, and answers the exit code that it means. */
export function reportFault(error: unknown, output: Output, stream: Terminal): ExitCode {
  if (error instanceof RefusedError) {
    // A script that asked for JSON reads the code from it; a person reads the same in lines.
    stream.write(output === 'table' ? `${linesOf(error.problem).join('\n')}\n` : `${JSON.stringify(error.problem)}\n`);
    return error.problem.status >= 500 ? exitCodes.unreachable : exitCodes.refused;
  }
  if (error instanceof UnreachableError) {
    const lines = [`Error: ${error.url} cannot be reached: ${printable(error.reason)}`];
    if (error.problem !== null) lines.push(...linesOf(error.problem).slice(1));
    else lines.push('  Is the service running (npm start), and is --api-url or GROUNDCREW_API_URL its address?');
    stream.write(`${lines.join('\n')}\n`);
    return exitCodes.unreachable;
  }
  if (error instanceof UsageError) {
    stream.write(`Error: ${printable(error.message)}\n`);
    return exitCodes.refused;
  }
  throw error;
}

function linesOf(problem: Problem): string[] {
  const lines = [`Error: ${printable(problem.title)}`];
  if (problem.detail !== undefined && problem.detail !== problem.title) lines.push(`  ${printable(problem.detail)}`);
  const faults = problem.errors ?? [];
  for (const fault of faults.slice(0, MOST_FAULTS_SHOWN)) {
    lines.push(`  at ${printable(fault.pointer)}: ${printable(fault.message)} (${printable(fault.code)})`);
  }
  if (faults.length > MOST_FAULTS_SHOWN) lines.push(`  and ${faults.length - MOST_FAULTS_SHOWN} more`);
  lines.push(`  code ${printable(problem.code)}, status ${problem.status}${traceOf(problem)}`);
  if (problem.operationId !== undefined) lines.push(`  groundcrew runs show ${printable(problem.operationId)}`);
  const advice = adviceOf(problem);
  if (advice !== null) lines.push(`  ${advice}`);
  return lines;
}

function traceOf(problem: Problem): string {
  return problem.traceId ? `, trace id ${printable(problem.traceId)}` : '';
}

function adviceOf(problem: Problem): string | null {
  if (problem.status === 401) return 'Give a valid token in GROUNDCREW_TOKEN; they expire.';
  if (problem.code === 'idempotency.key-reused')
    return 'This key belongs to another body. Leave --key out to send a new command.';
  if (problem.code === 'idempotency.lease-lost')
    return 'Send it again with the same --key to get the answer of the call that took its place.';
  if (problem.code === 'body.too-large')
    return 'Send the order as JSON Lines (--format jsonl): one device a line, in any size.';
  return null;
}
