import Sequencer from '@jest/test-sequencer';

/** Suites by how long they keep a worker: those that wait for killed servers first, so that none of them is the last to start. */
const order = ['faults', 'system', 'workflows', 'architecture', 'stores', 'apps', 'rules'];

/** Longest first also on a fresh clone, where jest has no durations of earlier runs to go by. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = (test) => order.indexOf(test.context.config.displayName?.name);
    return [...tests].sort((left, right) => rank(left) - rank(right) || (left.path < right.path ? 1 : -1));
  }
}
