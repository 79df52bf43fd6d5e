import { decideAll, describeLookup } from './benchmark/lookup.js';
import { writeResults } from './benchmark/results.js';

/** The in-memory part of `npm run bench:lookup`: text of a hash to decision, on one core. */
const result = decideAll({ fleet: 20_000, probes: 4_000, rounds: 12 });
console.log(describeLookup(result));
console.log(`Written to ${writeResults('lookup-memory', result.rows)}.`);
