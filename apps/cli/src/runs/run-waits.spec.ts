import { describe, expect, it } from '@jest/globals';
import type { RunStepView } from '@groundcrew/contracts';
import type { ApiClient } from '../api/api-client.js';
import { runId } from '../testing/a-run.js';
import { waitsOf } from './run-waits.js';

const aStep = (more: Partial<RunStepView>) =>
  ({ step: 'retire_management', state: 'requested', waitingFor: null, nextTryAt: null, ...more }) as RunStepView;

/** A service whose run has these steps. */
const serviceWith = (...value: RunStepView[]) => ({ get: async () => ({ value }) }) as unknown as ApiClient;

describe('what a run waits for', () => {
  it('is the first step that waits, with its next try, and how many others there are', async () => {
    const throttled = aStep({
      waitingFor: 'the management has too much to do at the moment (429)',
      nextTryAt: '2026-11-21T10:00:05.123Z',
    });
    const others = [aStep({ step: 'sync', waitingFor: 'the last sync was too recent (429)' }), aStep({})];
    expect(await waitsOf(serviceWith(aStep({}), throttled, ...others), runId)).toBe(
      'retire_management waits: the management has too much to do at the moment (429), tried again at 10:00:05 (and 1 more)',
    );
  });

  it('is nothing where no step says so, or the one that did is done', async () => {
    const done = aStep({ state: 'observed', waitingFor: 'an answer' });
    expect(await waitsOf(serviceWith(done, aStep({})), runId)).toBeNull();
  });
});
