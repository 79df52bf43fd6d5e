import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RULESET, WEIGHTS } from '@groundcrew/matching';
import { describeResults } from './benchmark/print.js';
import { writeResults } from './benchmark/results.js';
import type { ScenarioResult } from './benchmark/run.js';
import { mergeShards, runScenarios } from './benchmark/run.js';
import type { Size } from './benchmark/sizes.js';
import { planOf, SIZES } from './benchmark/sizes.js';
import { judgeTargets } from './benchmark/targets.js';

/** `npm run bench:matching -- --size smoke|default|full --seed N` */
const SHARDS = 2;

interface Shard {
  readonly size: Size;
  readonly seed: number;
  readonly shard: number;
}

if (isMainThread) await main();
else runShard(workerData as Shard);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 'default' },
      seed: { type: 'string', default: '11' },
      out: { type: 'string', default: 'matching' },
    },
  });
  const size = SIZES.find((known) => known === values.size);
  if (size === undefined) throw new Error(`--size is one of ${SIZES.join(', ')}.`);
  const seed = Number(values.seed);
  const startedAt = performance.now();
  const results = mergeShards(
    await Promise.all(Array.from({ length: SHARDS }, (_, shard) => startShard({ size, seed, shard }))),
  );
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const rows = judgeTargets(results);
  const probes = results.reduce(
    (sum, { distinguishable, indistinguishable }) => sum + distinguishable.trials + indistinguishable.trials,
    0,
  );
  console.log(describeResults(results, rows));
  console.log(
    `\n${probes} probes, seed ${seed}, size ${size}, ${RULESET}, ${WEIGHTS.version}, ${seconds} s in ${SHARDS} threads`,
  );
  const file = writeResults(values.out, rows, {
    size,
    seed,
    probes,
    seconds,
    ruleset: RULESET,
    weights: WEIGHTS.version,
    scenarios: results.map(withoutBins),
  });
  console.log(`Written to ${file}.`);
}

function startShard(workerData: Shard): Promise<ScenarioResult[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData });
    worker.on('message', (message: ScenarioResult[] | string) => {
      if (typeof message !== 'string') resolve(message);
      else if (workerData.shard === 0) console.error(message);
    });
    worker.on('error', reject);
  });
}

function runShard({ size, seed, shard }: Shard): void {
  const results = runScenarios(planOf(size, seed), shard, SHARDS, (line) => parentPort?.postMessage(`… ${line}`));
  parentPort?.postMessage(results);
}

function withoutBins({ scenario, kind, distinguishable, indistinguishable }: ScenarioResult): unknown {
  const plain = ({ bins: _bins, ...counts }: ScenarioResult['distinguishable']): unknown => counts;
  return { scenario, kind, distinguishable: plain(distinguishable), indistinguishable: plain(indistinguishable) };
}
