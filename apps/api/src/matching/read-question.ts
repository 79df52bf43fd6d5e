import type { MatchQuestion } from '@groundcrew/contracts';
import {
  decodeHardwareHash,
  reportFromProductKey,
  reportFromTuple,
  toSnapshot,
  type DecodedHash,
  type Digests,
  type HardwareReport,
  type Snapshot,
} from '@groundcrew/matching';
import { ProblemError } from '../problems/problem.error.js';

/** A question made comparable. */
export interface ReadQuestion {
  form: DecodedHash['form'] | 'tuple' | 'product-key';
  level: DecodedHash['level'];
  trailer: DecodedHash['trailer'] | null;
  unknownRecords: number;
  /** Null where the hash has a form that nobody here can read. */
  snapshot: Snapshot | null;
}

/** @throws ProblemError with the library's code where the text is no hash; it never quotes the text */
export function readQuestion(question: MatchQuestion, digests: Digests): ReadQuestion {
  if ('hardwareIdentifier' in question) return readHash(question.hardwareIdentifier, digests);
  if ('productKey' in question) {
    const { productKey, serialNumber } = question;
    return named(
      'product-key',
      reportFromProductKey({ productKey, ...(serialNumber !== undefined && { serialNumber }) }),
    );
  }
  return named('tuple', reportFromTuple(question));
}

function readHash(text: string, digests: Digests): ReadQuestion {
  const decoding = decodeHardwareHash(text, digests);
  if (!decoding.ok) throw new ProblemError(decoding.rejection.code);
  const { form, level, trailer, unknown, report } = decoding.value;
  const snapshot = report === null ? null : toSnapshot(report, level);
  return { form, level, trailer, unknownRecords: unknown.length, snapshot };
}

function named(form: 'tuple' | 'product-key', report: HardwareReport): ReadQuestion {
  const snapshot = toSnapshot(report);
  return { form, level: snapshot.level, trailer: null, unknownRecords: 0, snapshot };
}
