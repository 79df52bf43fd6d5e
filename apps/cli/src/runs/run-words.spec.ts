import { describe, expect, it } from '@jest/globals';
import type { RunKind, VerdictCounts } from '@groundcrew/domain';
import { aRun } from '../testing/a-run.js';
import { removalOf, verdictLinesOf, wordOf } from './run-report.js';
import { progressText, totalsText } from './run-words.js';

describe('how far a run is', () => {
  it('counts rows where rows are registered, and devices where they come to an end of their own', () => {
    expect(progressText(aRun({ decided: 4, verdicts: { registered: 4 } }), 2)).toBe(
      'Running: 4 of 10 rows, 4 registered, 0 rejected, 2 rows/s',
    );
    expect(progressText(aRun(), null)).toBe('Running: 0 of 10 rows, 0 registered, 0 rejected');
    const leaving = aRun({ kind: 'deregistration', decided: 3, verdicts: { deregistered: 2, restored: 1 } });
    expect(progressText(leaving, null)).toBe('Running: 3 of 10 devices, 2 deregistered, 1 restored');
    expect(totalsText(leaving)).toBe('2 deregistered, 1 restored');
  });

  it.each([
    ['hardware_report', false, { uploaded: 9, malformed: 1 }, '9 uploaded, 1 rejected'],
    ['order_return', false, { removed: 2 }, '2 removed, 0 rejected'],
    ['order_void', false, {}, '0 removed, 0 rejected'],
    ['order_replacement', false, { kept: 6, removed: 3, registered: 2 }, '2 registered, 6 kept, 3 removed, 0 rejected'],
    ['order_replacement', true, { kept: 6 }, '0 would be registered, 6 kept, 0 rejected'],
    ['import', true, { would_register: 3, hash_invalid: 2 }, '3 would be registered, 2 rejected'],
    ['of a newer service', false, { registered: 1, unheard_of: 4 }, '1 registered, 0 rejected'],
  ])(
    'says of a run of the kind %s (verdicts only: %s) what became of its rows: %j',
    (kind, validateOnly, verdicts, text) => {
      const rejected = (verdicts as VerdictCounts).malformed ?? (verdicts as VerdictCounts).hash_invalid ?? 0;
      expect(
        totalsText(aRun({ kind: kind as RunKind, validateOnly, verdicts: verdicts as VerdictCounts, rejected })),
      ).toBe(text);
    },
  );

  it('takes off what a cancelled run took back or put back, and says so', () => {
    const compensation = { undone: 5, kept: 0, left: 1, putBack: 3, wentForward: 0 };
    const cancelled = aRun({ compensation, rejected: 4, verdicts: { registered: 6, removed: 3, cancelled: 4 } });
    expect(totalsText(cancelled)).toBe('1 registered, 5 taken back, 3 put back, 4 rejected');
    expect(verdictLinesOf(cancelled).map((line) => [wordOf(line), line.rows])).toEqual([
      ['registered', 1],
      ['taken back', 5],
      ['put back', 3],
      ['cancelled', 4],
    ]);
  });

  it('tells what a replacement takes away, and nothing of one that ended without', () => {
    const replacing = { kind: 'order_replacement', replacement: { removes: 10, of: 16 } } as const;
    const told = [
      {},
      { done: true, status: 'Succeeded' },
      { done: true, status: 'Canceled' },
      { done: true, status: 'Failed' },
    ] as const;
    expect(told.map((end) => removalOf(aRun({ ...replacing, ...end })))).toEqual([
      "10 of the order's 16 devices",
      "10 of the order's 16 devices",
      null,
      null,
    ]);
    expect(removalOf(aRun())).toBeNull();
  });

  it('tells the outcome of what counts nothing', () => {
    const scan = aRun({ kind: 'orphan_scan', received: 0, decided: 0, outcome: { found: 2, resolved: 1 } });
    expect(progressText(scan, 0)).toBe('Running: 2 found, 1 resolved');
    expect(progressText(aRun({ kind: 'orphan_scan', received: 0, decided: 0 }), null)).toBe('Running');
  });
});
