import { workspaceRoot } from '@groundcrew/stack';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { Played } from './play-seed.js';

/** What a run of many seeds has shown. */
export interface Summary {
  commit: string;
  machine: { cores: number; processor: string; node: string };
  seeds: { first: number; last: number; count: number };
  devicesPerSeed: number;
  /** How many seeds share the service at a time, and each other's kills. */
  together: number;
  seconds: number;
  /** How often each fault struck. */
  faults: Record<string, number>;
  /** How often each was killed while the seed's own run was under way. */
  kills: Record<string, number>;
  /** Runs that were cancelled; `inTheMiddle`: some devices were restored and others went forward. */
  cancelled: { runs: number; inTheMiddle: number; restored: number; wentForward: number };
  outcomes: Record<string, number>;
  attention: Record<string, number>;
  /** Of our processes that ended without being killed. */
  crashes: string[];
  /** With the seed that shows it: `npm run faults -- --first <seed> --seeds 1`, where the blows of others have no part in it. */
  violations: { seed: number; what: string }[];
}

export function summaryOf(
  played: readonly Played[],
  more: { devices: number; together: number; seconds: number; crashes: string[] },
): Summary {
  const cancelled = played.filter((each) => each.cancelled);
  const restored = (each: Played) => each.outcomes['restored'] ?? 0;
  return {
    commit:
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' and changes'),
    machine: { cores: availableParallelism(), processor: cpus()[0]?.model ?? 'unknown', node: process.version },
    seeds: { first: played[0]?.seed ?? 0, last: played.at(-1)?.seed ?? 0, count: played.length },
    devicesPerSeed: more.devices,
    together: more.together,
    seconds: Math.round(more.seconds),
    faults: sumOf(played.map((each) => each.strikes)),
    kills: sumOf(played.flatMap((each) => each.kills.map((victim) => ({ [victim]: 1 })))),
    cancelled: {
      runs: cancelled.length,
      inTheMiddle: cancelled.filter((each) => restored(each) > 0 && each.crossed > 0).length,
      restored: cancelled.reduce((sum, each) => sum + restored(each), 0),
      wentForward: cancelled.reduce((sum, each) => sum + each.crossed, 0),
    },
    outcomes: sumOf(played.map((each) => each.outcomes)),
    attention: sumOf(played.map((each) => each.attention)),
    crashes: more.crashes,
    violations: played.flatMap(({ seed, violations }) => violations.map((what) => ({ seed, what }))),
  };
}

/** @returns where it was written */
export function writeSummary(out: string, summary: Summary): string {
  const file = join(workspaceRoot, out);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
  return file;
}

/** One line per seed, and one for each thing that is wrong with it. */
export function sentencesOf(played: Played): string {
  const tally = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  const said = [
    `seed ${played.seed}: ${(played.milliseconds / 1_000).toFixed(1)} s; ${tally(played.outcomes)}${played.cancelled ? ' (cancelled)' : ''}`,
    `struck: ${tally(played.strikes) || 'nothing'}`,
    `killed: ${played.kills.join(', ') || 'nobody'}`,
    ...(Object.keys(played.attention).length > 0 ? [`needed a person: ${tally(played.attention)}`] : []),
  ].join('; ');
  return [said, ...played.violations.slice(0, 10).map((what) => `  VIOLATION ${what}`)].join('\n');
}

function sumOf(counts: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const each of counts) for (const [what, count] of Object.entries(each)) sum[what] = (sum[what] ?? 0) + count;
  return Object.fromEntries(Object.entries(sum).toSorted());
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: workspaceRoot, encoding: 'utf8' }).trim();
}
