import { accept, refuse, type Decision } from './decision.js';

/** Where a request to have Surface devices registered stands. Source: domain.md 1.2 (Surface via support). */
export const caseStates = ['requested', 'approved', 'declined'] as const;
export type CaseState = (typeof caseStates)[number];
export type CaseEvent = 'approve' | 'decline';

/** Which decision moves which state where. What is decided stays decided: another case is opened. */
export const caseLifecycle: Record<CaseState, Partial<Record<CaseEvent, CaseState>>> = {
  requested: { approve: 'approved', decline: 'declined' },
  approved: {},
  declined: {},
};

/** Decides a case. */
export function decideCase(state: CaseState, by: CaseEvent): Decision<CaseState, 'case.decided'> {
  const next = caseLifecycle[state][by];
  return next === undefined ? refuse('case.decided') : accept(next);
}

/** The maker whose devices are registered so; under these words, exactly, it uploads them. */
export const surfaceManufacturer = 'Microsoft Corporation';

export const caseLimits = { serialNumbers: 1_000, serialCharacters: 64, proofBytes: 5 * 1024 * 1024 } as const;

export interface SerialsRefusal {
  code: 'case.no-serials' | 'case.too-many-serials' | 'case.serial-malformed';
  /** The line, where it is about one. */
  line: number | null;
}

/** Reads serial numbers, one per line. Blank lines and repetitions say nothing. */
export function serialNumbersIn(text: string): Decision<string[], SerialsRefusal> {
  const found = new Set<string>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const serial = raw.trim();
    if (serial === '') continue;
    if (serial.length > caseLimits.serialCharacters || !/^[A-Za-z0-9-]+$/.test(serial)) {
      return refuse({ code: 'case.serial-malformed', line: index + 1 });
    }
    found.add(serial);
    if (found.size > caseLimits.serialNumbers) return refuse({ code: 'case.too-many-serials', line: index + 1 });
  }
  return found.size === 0 ? refuse({ code: 'case.no-serials', line: null }) : accept([...found]);
}

/** Whether bytes can be a proof of ownership: an original invoice or bill of sale, which is a PDF; screenshots are not taken. */
export function isProof(bytes: Uint8Array): boolean {
  const mark = [0x25, 0x50, 0x44, 0x46, 0x2d];
  return bytes.length <= caseLimits.proofBytes && mark.every((byte, index) => bytes[index] === byte);
}
