import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

import { orderRows, writeOrder } from '@groundcrew/fleet';

/** Numbers of the fleets' devices, so that no two orders bring the same hardware. */
const seed = 505;
let nextDevice = 0;

/** Writes an order of new devices as JSON Lines. */
export async function newOrderFile(folder: string, devices: number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `order-${nextDevice}-${devices}.jsonl`);
  if (existsSync(file)) throw new Error(`${file} is there already`);
  const out = createWriteStream(file);
  await writeOrder({ format: 'jsonl', seed, devices, start: nextDevice }, out);
  out.end();
  await once(out, 'close');
  nextDevice += devices;
  return file;
}

/** Bodies of orders of one new device each. */
export function newSingles(devices: number): string[] {
  const lines = [...orderRows({ seed, devices, start: nextDevice })].map(({ row }) => {
    const said = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
    return `${JSON.stringify(said)}\n`;
  });
  nextDevice += devices;
  return lines;
}
