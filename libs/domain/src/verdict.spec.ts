import { describe, expect, it } from '@jest/globals';
import { totalsOf, verdictNames, verdicts } from './verdict.js';

describe('the totals of a run', () => {
  it('count as registered only what the run registered, and each row that did not end as was wished as rejected', () => {
    expect(totalsOf({ registered: 2, kept: 6, removed: 3, hash_invalid: 1, restored: 4 })).toEqual({
      decided: 16,
      registered: 2,
      rejected: 5,
    });
    expect(totalsOf({ uploaded: 20 })).toEqual({ decided: 20, registered: 0, rejected: 0 });
  });

  it.each(verdictNames)('take %s as one decided row that is accepted or rejected', (verdict) => {
    expect(totalsOf({ [verdict]: 1 })).toEqual({
      decided: 1,
      registered: verdict === 'registered' ? 1 : 0,
      rejected: verdicts[verdict].accepted ? 0 : 1,
    });
  });
});
