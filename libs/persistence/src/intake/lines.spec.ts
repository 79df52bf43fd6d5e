import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isBlankRecord, PartCutter, partLimits, recordLimit, type BodyPart } from './lines.js';

function cut(chunks: Buffer[], withHeader = false): { parts: BodyPart[]; header: string | null } {
  const cutter = new PartCutter({ withHeader });
  const parts = [...chunks.flatMap((chunk) => [...cutter.push(chunk)]), ...cutter.finish()];
  return { parts, header: cutter.header };
}

/** What a reader of the parts finds: every row with its number in the file. */
function rowsOf(parts: BodyPart[]): { line: number; text: string }[] {
  return parts.flatMap(({ firstLine, body }) =>
    body
      .toString()
      .split('\n')
      .map((text, index) => ({ line: firstLine + index, text }))
      .filter(({ text }) => text.trim() !== ''),
  );
}

const line = fc.oneof(
  fc.constantFrom('', ' ', '\t\r', '\r', '\u00a0', '{}\r', 'é', '"a,b"'),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', ' ')),
);

describe('a body cut into parts', () => {
  it('has the same rows under the same numbers, wherever the network cut it', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 60 }),
        fc.boolean(),
        fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
        (lines, ended, cuts) => {
          const whole = Buffer.from(lines.join('\n') + (ended ? '\n' : ''));
          const places = [0, ...cuts.map((place) => Math.min(place, whole.length)).sort((a, b) => a - b), whole.length];
          const chunks = places.slice(1).map((place, index) => whole.subarray(places[index], place));
          const { parts } = cut(chunks);
          const expected = whole
            .toString()
            .replace(/^\uFEFF/, '')
            .split('\n')
            .map((text, index) => ({ line: index + 1, text }))
            .filter(({ text }) => text.trim() !== '');
          expect(rowsOf(parts)).toEqual(expected);
          expect(parts.reduce((sum, part) => sum + part.lineCount, 0)).toBe(expected.length);
          expect(parts.map(({ number }) => number)).toEqual(parts.map((_, index) => index + 1));
        },
      ),
    );
  });

  it('holds at most 1,000 rows a part', () => {
    const { parts } = cut([Buffer.from('{}\n'.repeat(2_500))]);
    expect(parts.map(({ firstLine, lineCount }) => [firstLine, lineCount])).toEqual([
      [1, 1_000],
      [1_001, 1_000],
      [2_001, 500],
    ]);
  });

  it('closes a part early when its bytes or its blank lines are many', () => {
    const wide = cut([Buffer.from(`${'x'.repeat(30_000)}\n`.repeat(600))]).parts;
    expect(Math.max(...wide.map(({ body }) => body.length))).toBeLessThan(partLimits.bytes + 70_000);
    expect(wide.reduce((sum, part) => sum + part.lineCount, 0)).toBe(600);
    const sparse = cut([Buffer.from(`{}\n${'\n'.repeat(50_000)}{}\n`)]).parts;
    expect(rowsOf(sparse)).toEqual([
      { line: 1, text: '{}' },
      { line: 50_002, text: '{}' },
    ]);
  });

  it('keeps 64 KiB of an endless line, which is more than a record may have', () => {
    const { parts } = cut(Array.from({ length: 200 }, () => Buffer.alloc(10_000, 'x')));
    expect(parts).toHaveLength(1);
    expect(parts[0]!.body.length).toBe(64 * 1024 + 1);
    expect(parts[0]!.body.length).toBeGreaterThan(recordLimit);
  });

  it('keeps a header apart, without mark and carriage return; rows begin with line 2', () => {
    const { parts, header } = cut([Buffer.from([0xef]), Buffer.from([0xbb, 0xbf]), Buffer.from('A,B\r\n1,2')], true);
    expect(header).toBe('A,B');
    expect(rowsOf(parts)).toEqual([{ line: 2, text: '1,2' }]);
  });
});

describe('a header', () => {
  it('may have blank lines and the line of a spreadsheet before it', () => {
    const { parts, header } = cut([Buffer.from('\n \nsep=;\nA;B\n\n1;2')], true);
    expect(header).toBe('A;B');
    expect(rowsOf(parts)).toEqual([{ line: 6, text: '1;2' }]);
  });
});

describe('a record', () => {
  it.each(['', ' ', '\r', '\t \r', '\u00a0', '\u2003'])('of "%s" is blank', (text) => {
    expect(isBlankRecord(Buffer.from(text))).toBe(true);
  });
  it('that is too long is a row, whatever is in it', () => {
    expect(isBlankRecord(Buffer.alloc(recordLimit + 1, ' '))).toBe(false);
  });
});
