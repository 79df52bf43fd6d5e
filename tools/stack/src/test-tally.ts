export interface Tally {
  what: string;
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
}

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

/** What jest says of a run. A suite that could not even be loaded has no failed test in it, and is a failure all the same. */
export function readJestReport(json: string, exitCode: number | null): Tally {
  const report = JSON.parse(json) as JestReport;
  const failures = report.testResults.flatMap((suite) => {
    const failed = suite.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    if (failed.length === 0 && suite.status === 'failed') return [`${suite.name} did not load`];
    return failed.map((fullName) => `${fullName} (${suite.name})`);
  });
  // jest can fail for reasons that belong to no test, such as finding none.
  if (failures.length === 0 && exitCode !== 0) failures.push(`jest ended with ${exitCode ?? 'a signal'}`);
  return {
    what: 'jest',
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

export function addUp(tallies: Tally[]): Pick<Tally, 'passed' | 'failed' | 'skipped'> {
  const sum = (field: 'passed' | 'failed' | 'skipped'): number =>
    tallies.reduce((total, tally) => total + tally[field], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

export function closingLine({ passed, failed, skipped }: Pick<Tally, 'passed' | 'failed' | 'skipped'>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
