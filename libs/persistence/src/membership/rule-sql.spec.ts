import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  foldDevice,
  matches,
  osFamilies,
  parseRule,
  type FoldedDevice,
  type Rule,
  type RuleDevice,
} from '@groundcrew/domain';
import fc from 'fast-check';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { foldedColumns, ruleToSql } from './rule-sql.js';

let database: ClonedDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await cloneDatabase();
  client = new pg.Client({ connectionString: database.urls.worker });
  await client.connect();
  await client.query(`create temporary table folded (number integer, physical_ids text[] not null, display_name text, serial_number text,
    manufacturer text, model text, os_family text, device_type text)`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const columns = Object.entries(foldedColumns) as [keyof FoldedDevice, string][];

async function store(devices: readonly FoldedDevice[]): Promise<void> {
  await client.query('truncate folded');
  for (const [number, device] of devices.entries()) {
    await client.query(
      `insert into folded (number, ${columns.map(([, column]) => column).join(', ')})
       values ($1, ${columns.map((_, index) => `$${index + 2}`).join(', ')})`,
      [number, ...columns.map(([field]) => device[field])],
    );
  }
}

/** The numbers of the stored devices that the database finds the rule to hold of. */
async function found(rule: Rule): Promise<number[]> {
  const { text, values } = ruleToSql(rule, 'f', 2);
  const { rows } = await client.query<{ number: number; holds: boolean | null }>(
    `select f.number, ${text} as holds from folded f where f.number >= $1 order by f.number`,
    [0, ...values],
  );
  expect(rows.every(({ holds }) => holds !== null)).toBe(true);
  return rows.filter(({ holds }) => holds).map(({ number }) => number);
}

function parsed(source: string): Rule {
  const rule = parseRule(source);
  if (!rule.ok) throw new Error(`${source}: ${JSON.stringify(rule.refusal)}`);
  return rule.value;
}

// Few letters, so that rules hit: with what case, composition, quoting, patterns and encodings are known to go wrong over.
const letters = [
  'a',
  'A',
  'b',
  'é',
  'e\u0301',
  'ß',
  'ẞ',
  'Σ',
  'ς',
  'İ',
  'ı',
  '🦕',
  '\ud800',
  ' ',
  '"',
  "'",
  '`',
  '\\',
  '%',
  '_',
  '$1',
  '[',
  ']',
  '.',
  '*',
  '1',
  '-',
];
const nasty = fc.array(fc.constantFrom(...letters), { maxLength: 4 }).map((parts) => parts.join(''));
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 4 });
const device: fc.Arbitrary<RuleDevice> = fc.record({
  registrationId: fc.uuid(),
  groupTag: orNull(nasty),
  purchaseOrder: orNull(nasty),
  serialNumber: orNull(nasty),
  displayName: orNull(nasty),
  manufacturer: orNull(nasty),
  model: orNull(nasty),
  osFamily: orNull(fc.constantFrom(...osFamilies)),
  deviceType: orNull(fc.constantFrom('windowsPc' as const, 'holoLens' as const)),
});

const quoted = (text: string) => `"${text.replaceAll(/[`"]/g, (sign) => `\`${sign}`)}"`;
const text = fc.oneof(nasty, fc.constantFrom('[OrderID]:', '[ZTDid]', 'windows_11', '[orderid]:a')).map(quoted);

const atom = fc.oneof(
  fc.constantFrom(
    'a',
    'B',
    'é',
    'ß',
    'σ',
    '🦕',
    '1',
    ' ',
    '.',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\.',
    '\\[',
    '\\\\',
    '\\$',
    '%',
  ),
  fc.constantFrom('[a-c]', '[^A-B]', '[0-9_]', '[\\]\\-]', '[-a]', '[a-]', '[é🦕]', '[^\\w]', '[.*]'),
);
const pattern: fc.Arbitrary<string> = fc.letrec<{ choice: string; sequence: string; piece: string }>((tie) => ({
  choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 2 }).map((branches) => branches.join('|')),
  sequence: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('')),
  piece: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2 },
        atom,
        tie('choice').map((inner) => `(${inner})`),
      ),
      fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}'),
    )
    .map((parts) => parts.join('')),
})).choice;
const anchored = fc.tuple(fc.constantFrom('', '^'), pattern, fc.constantFrom('', '$')).map((parts) => parts.join(''));

const comparison = fc.oneof(
  fc.tuple(fc.constantFrom('-eq', '-ne', '-startsWith', '-notStartsWith', '-contains', '-notContains'), text),
  fc.tuple(fc.constantFrom('-match', '-notMatch'), anchored.map(quoted)),
  fc.tuple(
    fc.constantFrom('-in', '-notIn'),
    fc.array(text, { minLength: 1, maxLength: 3 }).map((list) => `[${list.join(', ')}]`),
  ),
);
const attribute = fc.constantFrom(
  'displayName',
  'deviceManufacturer',
  'deviceModel',
  'serialNumber',
  'osFamily',
  'deviceType',
);
const compared = comparison.map((parts) => parts.join(' '));
const rule: fc.Arbitrary<string> = fc.letrec<{ rule: string; leaf: string; body: string }>((tie) => ({
  leaf: fc.oneof(
    fc.tuple(attribute, compared).map(([name, rest]) => `(device.${name} ${rest})`),
    attribute.map((name) => `device.${name} -eq null`),
    attribute.map((name) => `(device.${name} -ne null)`),
    fc
      .tuple(fc.constantFrom('-any', '-all'), tie('body'))
      .map(([how, body]) => `(device.devicePhysicalIds ${how} ${body})`),
  ),
  body: fc.oneof(
    { maxDepth: 2 },
    compared.map((rest) => `(_ ${rest})`),
    fc.tuple(tie('body'), fc.constantFrom('-and', '-or'), tie('body')).map((parts) => `(${parts.join(' ')})`),
    tie('body').map((body) => `(-not ${body})`),
  ),
  rule: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc.tuple(tie('rule'), fc.constantFrom('-and', '-or'), tie('rule')).map((parts) => `(${parts.join(' ')})`),
    tie('rule').map((inner) => `-not (${inner})`),
  ),
})).rule;

describe('a membership rule as SQL', () => {
  it('finds the very devices that the predicate finds, whatever rule and devices', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(device, { minLength: 8, maxLength: 8 }),
        fc.array(rule, { minLength: 20, maxLength: 20 }),
        async (devices, rules) => {
          const folded = devices.map(foldDevice);
          await store(folded);
          for (const source of rules) {
            const read = parseRule(source);
            // What is too large for us is refused, and then there is nothing to compare.
            if (!read.ok) {
              expect(read.refusal.code).toBe('rule.pattern');
              continue;
            }
            const expected = folded.flatMap((each, number) => (matches(read.value, each) ? [number] : []));
            expect({ source, found: await found(read.value) }).toEqual({ source, found: expected });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('finds the very texts that a pattern finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(nasty, { minLength: 10, maxLength: 10 }),
        fc.array(anchored, { minLength: 20, maxLength: 20 }),
        async (texts, patterns) => {
          const folded = texts.map((model) => foldDevice({ ...nobody, model }));
          await store(folded);
          for (const source of patterns.map((each) => `device.deviceModel -match ${quoted(each)}`)) {
            const read = parseRule(source);
            if (!read.ok) continue;
            const expected = folded.flatMap((each, number) => (matches(read.value, each) ? [number] : []));
            expect({ source, found: await found(read.value) }).toEqual({ source, found: expected });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['(device.devicePhysicalIds -any (_ -eq "[OrderID]:kiosk"))', [0]],
    ['(device.devicePhysicalIds -any (_ -startsWith "[ZTDid]"))', [0, 1, 2]],
    ['(device.devicePhysicalIds -any _ -contains "[ZTDId]")', [0, 1, 2]],
    ['(device.devicePhysicalIds -any (_ -eq "[PurchaseOrderId]:76222342342"))', [1]],
    ['device.deviceModel -ne "Book 5"', [1, 2]],
    ['device.deviceModel -eq null', [2]],
    ['-not (device.deviceModel -match "^book \\d$") -and device.displayName -in ["x", "SN2"]', [2]],
    ['device.devicePhysicalIds -all (_ -startsWith "[ztdid]" -or _ -contains "Kiosk")', [0, 2]],
    [`device.deviceModel -eq "'; drop table registry.device; --"`, []],
  ])('%s', async (source, expected) => {
    const folded = [
      { ...nobody, groupTag: 'Kiosk', model: 'BOOK 5', serialNumber: 'sn0', displayName: 'SN0' },
      { ...nobody, purchaseOrder: '76222342342', model: 'Book 10', displayName: 'SN1' },
      { ...nobody, displayName: 'SN2' },
    ].map(foldDevice);
    await store(folded);
    expect(await found(parsed(source))).toEqual(expected);
    expect(folded.flatMap((each, number) => (matches(parsed(source), each) ? [number] : []))).toEqual(expected);
  });

  it('takes the largest pattern that is taken', async () => {
    await store([foldDevice({ ...nobody, model: 'ab'.repeat(60) })]);
    expect(await found(parsed('device.deviceModel -match "^((a|b){1,30}){16}$"'))).toEqual([0]);
  });
});

const nobody: RuleDevice = {
  registrationId: '0b1f0000-0000-4000-8000-000000000000',
  groupTag: null,
  purchaseOrder: null,
  serialNumber: null,
  displayName: null,
  manufacturer: null,
  model: null,
  osFamily: null,
  deviceType: null,
};
