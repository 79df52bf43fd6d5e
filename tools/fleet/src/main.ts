import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import type { OrderFormat } from './write-order.js';
import { ORDER_FORMATS, writeOrder } from './write-order.js';

const USAGE = `Usage: node tools/fleet/dist/main.js order --seed N --devices N --out FILE
  --seed N             0 to 16383; two seeds never share an identity
  --devices N          rows of the order
  --bad N              of these, how many are bad (no identity, hash not base64, hash too short, duplicate)
  --start N            number of the first device, for several orders of one seed
  --format FORMAT      jsonl (default), csv or json
  --purchase-order X   --group-tag X
  --out FILE           '-' writes to standard output`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    devices: { type: 'string', default: '1000' },
    bad: { type: 'string', default: '0' },
    start: { type: 'string', default: '0' },
    format: { type: 'string', default: 'jsonl' },
    'purchase-order': { type: 'string', default: '' },
    'group-tag': { type: 'string', default: '' },
    out: { type: 'string', default: '-' },
    help: { type: 'boolean', default: false },
  },
});

const counts = {
  seed: Number(values.seed),
  devices: Number(values.devices),
  bad: Number(values.bad),
  start: Number(values.start),
};
const understood =
  positionals[0] === 'order' &&
  (ORDER_FORMATS as readonly string[]).includes(values.format) &&
  Object.values(counts).every((count) => Number.isInteger(count) && count >= 0);

if (values.help || !understood) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  await main();
}

async function main(): Promise<void> {
  const out = values.out === '-' ? process.stdout : createWriteStream(values.out);
  const order = {
    ...counts,
    format: values.format as OrderFormat,
    purchaseOrder: values['purchase-order'],
    groupTag: values['group-tag'],
  };
  try {
    const summary = await writeOrder(order, out);
    if (out !== process.stdout) {
      out.end();
      await finished(out);
    }
    console.error(JSON.stringify({ out: values.out, ...summary }));
  } catch (error) {
    // A seed or count out of range is said by the generator in one sentence; anything else is shown whole.
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
