import { accept, refuse, type Decision } from '../decision.js';

/** The longest name of a computer. Source: domain.md 5.3. */
export const computerNameLength = 15;

/** A template in its pieces. */
export type NamePiece = { kind: 'letters'; text: string } | { kind: 'serial' } | { kind: 'random'; digits: number };

export type NameFaultCode =
  'name.empty' | 'name.too-long' | 'name.character' | 'name.macro' | 'name.only-digits' | 'name.serial-missing';

/** Why there is no name, and where in the template. */
export interface NameFault {
  code: NameFaultCode;
  position: number;
  message: string;
}

/**
 * Reads a template: letters, digits, hyphens, `%SERIAL%` and `%RAND:x%`, exactly so. What stands fast may not fill the whole name where a
 * serial number is to find room, and a name is never of digits alone.
 */
export function parseNameTemplate(template: string): Decision<readonly NamePiece[], NameFault> {
  const pieces: NamePiece[] = [];
  let fixed = 0;
  for (let position = 0; position < template.length;) {
    const rest = template.slice(position);
    const letters = /^[A-Za-z0-9-]+/.exec(rest)?.[0];
    const digits = /^%RAND:(\d{1,3})%/.exec(rest);
    if (letters !== undefined) {
      pieces.push({ kind: 'letters', text: letters });
      fixed += letters.length;
      position += letters.length;
    } else if (rest.startsWith('%SERIAL%')) {
      if (pieces.some((piece) => piece.kind === 'serial'))
        return fault('name.macro', position, '%SERIAL% stands once.');
      pieces.push({ kind: 'serial' });
      position += '%SERIAL%'.length;
    } else if (digits !== null) {
      const count = Number(digits[1]);
      if (count < 1) return fault('name.macro', position, '%RAND:x% makes at least one digit.');
      pieces.push({ kind: 'random', digits: count });
      fixed += count;
      position += digits[0].length;
    } else if (rest.startsWith('%')) {
      return fault('name.macro', position, 'The macros are %SERIAL% and %RAND:x% with a number for x, in capitals.');
    } else {
      return fault('name.character', position, 'A name has letters, digits and hyphens.');
    }
  }
  if (pieces.length === 0) return fault('name.empty', 0, 'The template is empty.');
  const hasSerial = pieces.some((piece) => piece.kind === 'serial');
  if (fixed > computerNameLength - (hasSerial ? 1 : 0)) {
    const message = hasSerial
      ? `Of the ${computerNameLength} characters of a name none is left for the serial number.`
      : `A name has at most ${computerNameLength} characters; this one would have ${fixed}.`;
    return fault('name.too-long', 0, message);
  }
  const couldHaveLetter = pieces.some(
    (piece) => piece.kind === 'serial' || (piece.kind === 'letters' && /\D/.test(piece.text)),
  );
  if (!couldHaveLetter) return fault('name.only-digits', 0, 'A name cannot consist of digits alone.');
  return accept(pieces);
}

/**
 * The name of a device. A serial number that finds no room loses its beginning; characters of it that no name may have are left out.
 *
 * @param randomDigits draws that many digits
 * @example Test-Device-%SERIAL% with the serial number 123456 is Test-Device-456
 */
export function computerName(
  template: string,
  serialNumber: string | null,
  randomDigits: (count: number) => string,
): Decision<string, NameFault> {
  const parsed = parseNameTemplate(template);
  if (!parsed.ok) return parsed;
  const serial = (serialNumber ?? '').replaceAll(/[^A-Za-z0-9-]/g, '');
  const fixed = parsed.value.reduce((sum, piece) => sum + fixedLength(piece), 0);
  if (serial === '' && parsed.value.some((piece) => piece.kind === 'serial')) {
    return fault(
      'name.serial-missing',
      template.indexOf('%SERIAL%'),
      'The device has no serial number that a name could hold.',
    );
  }
  const room = computerNameLength - fixed;
  const name = parsed.value
    .map((piece) => {
      if (piece.kind === 'letters') return piece.text;
      return piece.kind === 'random' ? randomDigits(piece.digits) : serial.slice(-room);
    })
    .join('');
  if (/^\d+$/.test(name)) return fault('name.only-digits', 0, `The name would be ${name}: digits alone.`);
  return accept(name);
}

function fixedLength(piece: NamePiece): number {
  if (piece.kind === 'letters') return piece.text.length;
  return piece.kind === 'random' ? piece.digits : 0;
}

function fault(code: NameFaultCode, position: number, message: string): { ok: false; refusal: NameFault } {
  return refuse({ code, position, message });
}
