import { describe, expect, it } from '@jest/globals';
import { monitorOf } from './run.js';

describe('what the monitor says of a run', () => {
  it('that is being taken back', () => {
    expect(monitorOf('running', {}, 'cancel')).toEqual({ status: 'Running', subStatus: 'Compensating', done: false });
    expect(monitorOf('cancelled', {}, 'cancel')).toEqual({ status: 'Canceled', subStatus: 'Compensated', done: true });
  });

  it('names a person as what is waited for, also while it is being taken back', () => {
    for (const commanded of [null, 'cancel', 'retry'])
      expect(monitorOf('needs_attention', {}, commanded)).toMatchObject({ subStatus: 'NeedsAttention', done: false });
  });

  it('that ended with rejected rows', () => {
    expect(monitorOf('completed', { registered: 1 })).toMatchObject({ status: 'Succeeded', subStatus: null });
    expect(monitorOf('completed', { registered: 1, owned_elsewhere: 1 }).subStatus).toBe('CompletedWithErrors');
  });
});
