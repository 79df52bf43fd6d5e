import type { BodyPart } from '@groundcrew/persistence';
import { isAscii, isUtf8 } from 'node:buffer';
import { ProblemError } from '../problems/problem.error.js';

/**
 * Sees to it that a file is written in one encoding. Which line means what could not be told in a file that is UTF-8 here and
 * Windows-1252 there; a guess would register a device under a name that nobody wrote. ASCII, which is nearly everything, says
 * nothing and costs nothing.
 */
export class OneEncoding {
  #seen: 'UTF-8' | 'Windows-1252' | null = null;

  /** @throws ProblemError that names the line where it changes */
  look({ body, firstLine }: Pick<BodyPart, 'body' | 'firstLine'>): void {
    if (isAscii(body)) {
      this.#refuseZeros(body, firstLine);
      return;
    }
    this.#refuseZeros(body, firstLine);
    if (this.#seen === 'UTF-8' && isUtf8(body)) return;
    let line = firstLine;
    for (let start = 0; start < body.length; line += 1) {
      const newline = body.indexOf(10, start);
      const end = newline === -1 ? body.length : newline;
      const bytes = body.subarray(start, end);
      start = end + 1;
      if (isAscii(bytes)) continue;
      const encoding = isUtf8(bytes) ? 'UTF-8' : 'Windows-1252';
      if (this.#seen !== null && this.#seen !== encoding)
        throw mixed(line, `${this.#seen} before it, ${encoding} here`);
      this.#seen = encoding;
    }
  }

  /** UTF-16 pasted into another file shows itself by zeros. */
  #refuseZeros(body: Buffer, firstLine: number): void {
    const zero = body.indexOf(0);
    if (zero === -1) return;
    let line = firstLine;
    for (let at = body.indexOf(10); at !== -1 && at < zero; at = body.indexOf(10, at + 1)) line += 1;
    throw mixed(line, 'zero bytes, as UTF-16 has them, in a file that is something else');
  }
}

function mixed(line: number, what: string): ProblemError {
  return new ProblemError('order.encoding', {
    detail: `Line ${line}: ${what}.`,
    errors: [{ pointer: `line ${line}`, code: 'csv.mixed-encodings', message: `${what}.` }],
  });
}
