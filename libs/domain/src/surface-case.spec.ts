import { describe, expect, it } from '@jest/globals';
import { caseLimits, caseStates, decideCase, isProof, serialNumbersIn, type CaseEvent } from './surface-case.js';

describe('a case', () => {
  const allowed: Record<string, string> = { 'requested approve': 'approved', 'requested decline': 'declined' };
  it.each(caseStates.flatMap((state) => (['approve', 'decline'] as CaseEvent[]).map((by) => [state, by] as const)))(
    'that is %s, told to %s',
    (state, by) => {
      const next = allowed[`${state} ${by}`];
      expect(decideCase(state, by)).toEqual(
        next === undefined ? { ok: false, refusal: 'case.decided' } : { ok: true, value: next },
      );
    },
  );

  it('names serial numbers one per line, each once', () => {
    expect(serialNumbersIn('\ufeff 012345678901 \r\n\nA-1\r012345678901')).toEqual({
      ok: true,
      value: ['012345678901', 'A-1'],
    });
  });

  it.each([
    ['', 'case.no-serials', null],
    ['A1\nB 2', 'case.serial-malformed', 2],
    [`A1\n${'x'.repeat(caseLimits.serialCharacters + 1)}`, 'case.serial-malformed', 2],
    [
      Array.from({ length: caseLimits.serialNumbers + 1 }, (_, index) => `S${index}`).join('\n'),
      'case.too-many-serials',
      1_001,
    ],
  ])('is refused where it names them so', (text, code, line) => {
    expect(serialNumbersIn(text)).toEqual({ ok: false, refusal: { code, line } });
  });

  it('is proved by a PDF of bounded size', () => {
    expect(isProof(new TextEncoder().encode('%PDF-1.7'))).toBe(true);
    expect(isProof(new TextEncoder().encode('\x89PNG'))).toBe(false);
    const large = new Uint8Array(caseLimits.proofBytes + 1);
    large.set(new TextEncoder().encode('%PDF-'));
    expect(isProof(large)).toBe(false);
  });
});
