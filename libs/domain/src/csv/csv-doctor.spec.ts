import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { columnLabels, emptyRow, orderRowFields, type OrderRow } from '../order-row.js';
import { readLine } from './csv-doctor.js';
import { failedRowLine, failedRowsHeader } from './failed-rows.js';
import { readHeader, type CsvLayout } from './read-header.js';
import { repairHash } from './repair-hash.js';

const hash = `T0Ev${'QUJD'.repeat(6)}`;

function layoutOf(header: string): CsvLayout {
  const read = readHeader(header);
  if (!read.ok) throw new Error(read.refusal.message);
  return read.value;
}
const codesOf = (header: string) => layoutOf(header).corrections.map(({ code }) => code);
const read = (header: string, line: string) => readLine(layoutOf(header), line, /^[\x00-\x7f]*$/.test(line));

describe('the header of a file', () => {
  it.each([
    'Device Serial Number,Windows Product ID,Hardware Hash,Group Tag',
    'Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User',
    'Device Serial Number,Windows Product ID,Hardware Hash',
    'Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model',
    'Manufacturer,Model,Serial Number,Hardware Hash',
    'Manufacturer,Serial Number,Model',
    'Hardware Hash',
    'Hardware Hash,Group Tag,Code,Fix',
  ])('"%s" is a form that is known, and nothing is changed', (header) => {
    expect(codesOf(header)).toEqual([]);
  });

  it.each([
    ['DEVICE SERIAL NUMBER,Windows Product ID,hardware_hash', ['header-names', 'header-names']],
    ['Hardware Hash,Device Serial Number', ['column-order']],
    ['Device Serial Number,Hardware Hash,Colour', ['spare-columns']],
    ['"Device Serial Number";"Hardware Hash"', ['separator', 'quotes']],
    ['Device Serial Number\tHardware Hash', ['separator']],
    ['\ufeffHardware Hash ', ['header-names']],
  ])('"%s" is read, and it is said how: %j', (header, codes) => {
    expect(codesOf(header)).toEqual(codes);
  });

  it.each([
    ['', 'csv.columns-missing'],
    ['Colour,Serial Number', 'csv.columns-missing'],
    ['Hardware Hash,HARDWARE-HASH', 'csv.ambiguous-column'],
    ['Serial Number,"Hardware Hash', 'csv.unterminated-quote'],
    ['Hardware Hash;hardware hash', 'csv.ambiguous-column'],
    ['Hardware Hash,x;Windows Product ID,y;Hardware Hash', 'csv.ambiguous-separator'],
  ])('"%s" is refused: %s', (header, code) => {
    const refused = readHeader(header);
    expect(refused.ok ? null : refused.refusal.code).toBe(code);
  });
});

describe('a line', () => {
  const header = 'Serial Number,Hardware Hash,Group Tag';

  it('that is clean is read as it stands', () => {
    expect(read(header, `S1,${hash},Kiosk`)).toEqual({
      ok: true,
      row: { ...emptyRow(), serialNumber: 'S1', hardwareIdentifier: hash, groupTag: 'Kiosk' },
      corrections: [],
    });
  });

  it.each([
    [` S1 ,${hash},K`, [{ code: 'blanks', field: 'serialNumber' }]],
    [`S1,${hash},K\u200biosk`, [{ code: 'hidden-characters', field: 'groupTag' }]],
    [
      `S1,${hash.slice(0, 9)}\u200b\u200b\u200b\u200b${hash.slice(9)},`,
      [{ code: 'hidden-characters', field: 'hardwareIdentifier' }],
    ],
    [`S1,${hash}QQ,`, [{ code: 'hash-padding', field: 'hardwareIdentifier' }]],
    [`S1,${hash.slice(0, 5)} ${hash.slice(5)},`, [{ code: 'hash-blanks', field: 'hardwareIdentifier' }]],
    [`"S1","${hash}",""`, [{ code: 'quotes' }]],
    [`S1,${hash},K,,`, [{ code: 'spare-cells' }]],
    [`S1,${hash},'=K`, [{ code: 'formula-mark', field: 'groupTag' }]],
  ])('%j is put right, and it is said how', (line, corrections) => {
    expect(read(header, line)).toMatchObject({ ok: true, corrections });
  });

  it.each([
    [`"S1,${hash}`, 'csv.unterminated-quote'],
    [`"S"1,${hash}`, 'csv.stray-quote'],
    [`S1,${hash},Kiosk,4`, 'csv.too-many-cells'],
  ])('%j could be read in two ways and is refused: %s', (line, code) => {
    expect(read(header, line)).toMatchObject({ ok: false, refusal: { verdict: 'malformed', code } });
  });
});

describe('the repair of a hash', () => {
  it('gives what the documented steps give', () => {
    expect(repairHash('Q29udG9zbwAAA')).toBe('Q29udG9zbwAAAA==');
    // While it does not decode: `==` at the end becomes `A`, anything else gets a `=`.
    const documented = (text: string): string => {
      let repaired = text;
      while (repaired.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(repaired)) {
        repaired = repaired.endsWith('==') ? `${repaired.slice(0, -2)}A` : `${repaired}=`;
      }
      return repaired;
    };
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABCabc019+/'), minLength: 1, maxLength: 40 }), (text) => {
        expect(repairHash(text)).toBe(documented(text));
      }),
    );
  });
});

/** A cell as people mean it: visible, without a blank at its ends, and nothing that looks like a formula. */
const word = fc
  .string({ unit: fc.constantFrom(...'AZaz09-_. ,;"\'éß日'), maxLength: 12 })
  .map((text) => text.trim())
  .filter((text) => !/^['=+\-@]/.test(text));
const aHash = fc.uint8Array({ minLength: 3, maxLength: 24 }).map((bytes) => btoa(String.fromCharCode(...bytes)));

const aRow: fc.Arbitrary<OrderRow> = fc
  .record({
    manufacturer: word,
    model: word,
    serialNumber: word,
    productKey: word,
    hardwareIdentifier: aHash,
    groupTag: word,
    purchaseOrderIdentifier: word,
  })
  .map(
    (row) =>
      Object.fromEntries(Object.entries(row).map(([field, text]) => [field, text || null])) as unknown as OrderRow,
  );

/** What happens to files on their way, all of it harmless. */
const damage = fc.record({
  order: fc.shuffledSubarray([...orderRowFields], { minLength: orderRowFields.length }),
  separator: fc.constantFrom(',', ';', '\t', '|'),
  spareAt: fc.option(fc.nat({ max: orderRowFields.length }), { nil: null }),
  label: fc.constantFrom(
    (text: string) => text,
    (text: string) => text.toUpperCase(),
    (text: string) => ` ${text.replaceAll(' ', '_')} `,
    (text: string) => `"${text}"`,
  ),
  blank: fc.constantFrom('', ' ', '  '),
  hidden: fc.constantFrom('', '\u200b', '\ufeff', '\u00ad'),
  unpadded: fc.boolean(),
  quoteAll: fc.boolean(),
  trailing: fc.boolean(),
});

describe('a file that was damaged on its way', () => {
  it('says what the clean one says', () => {
    fc.assert(
      fc.property(fc.array(aRow, { minLength: 1, maxLength: 6 }), damage, (rows, how) => {
        const spare = (cells: string[], cell: string) =>
          how.spareAt === null ? cells : cells.toSpliced(how.spareAt, 0, cell);
        const header = spare(
          how.order.map((field) => how.label(columnLabels[field][0]!)),
          'Colour',
        ).join(how.separator);
        const layout = layoutOf(header);
        for (const row of rows) {
          const cells = how.order.map((field) => {
            let text = row[field] ?? '';
            if (how.unpadded && field === 'hardwareIdentifier') text = text.replace(/=+$/, '');
            if (text !== '') text = how.blank + text + how.hidden + how.blank;
            const quoted = how.quoteAll || /["]/.test(text) || text.includes(how.separator);
            return quoted ? `"${text.replaceAll('"', '""')}"` : text;
          });
          const line = spare(cells, 'red').join(how.separator) + (how.trailing ? how.separator : '');
          const reading = readLine(layout, line, /^[\x00-\x7f]*$/.test(line));
          expect(reading).toMatchObject({ ok: true, row });
          const untouched = reading.ok && reading.corrections.length === 0;
          if (untouched) expect(line).not.toMatch(/"|[\u200b\ufeff\u00ad]/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a file of failed rows', () => {
  const header = 'Colour,Serial Number,Hardware Hash,Group Tag';
  const fault = { code: '802 hash_invalid', fix: '=Capture it again, then send it.' };

  it('has the columns as they were sent, then code and fix, and nothing that a spreadsheet calculates', () => {
    expect(failedRowsHeader(layoutOf(header))).toBe(`${header},Code,Fix\r\n`);
    expect(failedRowLine(layoutOf(header), `-red,=S1,+${hash},@K`, fault)).toBe(
      `'-red,'=S1,+${hash},'@K,802 hash_invalid,"'=Capture it again, then send it."\r\n`,
    );
    expect(failedRowLine(layoutOf(header), 'red,S1,=cmd(),K', fault)).toContain(`,'=cmd(),`);
  });

  it('hands back whole what cannot be cut into cells', () => {
    expect(failedRowLine(layoutOf(header), `"S1,${hash}`, fault)).toBe(
      `"""S1,${hash}",,,,802 hash_invalid,"'=Capture it again, then send it."\r\n`,
    );
  });

  it('can be sent again, and its rows say what they said; twice is as good as once', () => {
    fc.assert(
      fc.property(aRow, fc.constantFrom('', '=', '+', '-', '@'), (given, formula) => {
        const row = { ...given, groupTag: given.groupTag === null ? null : formula + given.groupTag };
        const names = orderRowFields.map((field) => columnLabels[field][0]!).join(',');
        const line = orderRowFields.map((field) => `"${(row[field] ?? '').replaceAll('"', '""')}"`).join(',');
        let file = { header: names, line };
        for (let time = 0; time < 2; time += 1) {
          const layout = layoutOf(file.header);
          file = {
            header: failedRowsHeader(layout).trimEnd(),
            line: failedRowLine(layout, file.line, fault).replace(/\r\n$/, ''),
          };
          expect(layoutOf(file.header).names).toEqual([
            ...orderRowFields.map((field) => columnLabels[field][0]!),
            'Code',
            'Fix',
          ]);
          expect(read(file.header, file.line)).toMatchObject({ ok: true, row });
        }
      }),
    );
  });
});
