import { workspaceRoot } from '@groundcrew/stack';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunningStack } from './running-stack.js';

/** Odd ones; `devices` takes the even ones. */
let nextSeed = (process.pid % 250) * 64 + 1;

/** An order of thousands of new devices, line by line. */
export async function generatedLines(world: RunningStack, devices: number): Promise<string[]> {
  return (await generatedOrder(world, { devices, format: 'jsonl' })).trimEnd().split('\n');
}

/** An order of new devices as a file's text. Made by the generator's own process: inside jest it takes ten times as long. */
export async function generatedOrder(
  world: RunningStack,
  order: { devices: number; format: 'jsonl' | 'csv'; bad?: number },
): Promise<string> {
  nextSeed += 2;
  const out = join(world.stack.folder, `order-${nextSeed}`);
  const asked = { seed: nextSeed, bad: 0, out, ...order };
  const options = Object.entries(asked).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await promisify(execFile)(process.execPath, [join(workspaceRoot, 'tools/fleet/dist/main.js'), 'order', ...options], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const text = await readFile(out, 'utf8');
  await rm(out);
  return text;
}
