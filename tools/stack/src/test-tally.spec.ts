import { describe, expect, it } from '@jest/globals';

import { addUp, closingLine, readJestReport } from './test-tally.js';

const report = (overrides: object): string =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...overrides,
  });

describe('adding up a test run', () => {
  it('counts a suite that does not load as a failure', () => {
    const testResults = [{ name: 'broken.spec.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] }];
    expect(readJestReport(report({ testResults }), 1)).toMatchObject({
      passed: 3,
      failed: 1,
      failures: ['broken.spec.ts did not load'],
    });
  });

  it('counts skipped and planned tests alike', () => {
    expect(readJestReport(report({ numPendingTests: 1, numTodoTests: 2 }), 0)).toMatchObject({ failed: 0, skipped: 3 });
  });

  it('does not pass a run that jest itself calls failed', () => {
    expect(readJestReport(report({ numPassedTests: 0 }), 1)).toMatchObject({ failed: 1 });
  });

  it('ends with the total, and names skipped tests only where there are any', () => {
    const lint = { what: 'Lint', passed: 1, failed: 0, skipped: 0, failures: [] };
    expect(closingLine(addUp([lint, readJestReport(report({}), 0)]))).toBe('4 passed, 0 failed');
    expect(closingLine(addUp([lint, readJestReport(report({ numTodoTests: 1 }), 0)]))).toBe(
      '4 passed, 0 failed, 1 skipped',
    );
  });
});
