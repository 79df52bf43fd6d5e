import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldDevice, ruleAttributes, type RuleDevice } from './device-attributes.js';
import { foldText } from './fold.js';
import { explainRule, matches } from './matches.js';
import { parsePattern } from './parse-pattern.js';
import { parseRule } from './parse-rule.js';
import { isFound, programOf } from './pattern-program.js';
import { ruleLimits } from './rule.js';

const kiosk: RuleDevice = {
  registrationId: '0b1f0000-0000-4000-8000-000000000000',
  groupTag: 'Kiosk "A" `1`',
  purchaseOrder: null,
  serialNumber: 'SN-1',
  displayName: 'SN-1',
  manufacturer: 'Fabrikam',
  model: 'Straße 5',
  osFamily: 'windows_11',
  deviceType: null,
};

function isMember(source: string, device: RuleDevice = kiosk): boolean {
  const rule = parseRule(source);
  if (!rule.ok) throw new Error(`${source}: ${JSON.stringify(rule.refusal)}`);
  return matches(rule.value, foldDevice(device));
}

describe('a membership rule', () => {
  it.each([
    ['(device.devicePhysicalIds -any (_ -startsWith "[ZTDid]"))', true],
    ['(device.devicePhysicalIds -any _ -contains "[ZTDId]")', true],
    ['(DEVICE.devicephysicalids -ANY (_ -EQ "[ORDERID]:kiosk `"a`" ``1``"))', true],
    ['(device.devicePhysicalIds any (_ eq "[OrderID]:179887111881"))', false],
    ['device.deviceModel -eq "STRASSE 5"', true],
    ['device.deviceModel -match "^stra(ß|x)e \\d$"', true],
    ['device.deviceModel -notMatch "\\d{2}"', true],
    ['device.deviceManufacturer -in ["contoso", "FABRIKAM"]', true],
    ['device.deviceManufacturer -notIn ["contoso", "FABRIKAM"]', false],
    ['device.deviceType -eq null', true],
    ['device.deviceType -ne "holoLens"', true],
    ['device.deviceType -startsWith ""', false],
    ['device.serialNumber -startsWith ""', true],
    // -and binds closer than -or, -not closer than both.
    ['device.deviceModel -eq "x" -and device.deviceModel -eq "x" -or device.deviceModel -eq "straße 5"', true],
    ['device.deviceModel -eq "straße 5" -or device.deviceModel -eq "x" -and device.deviceModel -eq "x"', true],
    ['-not device.deviceModel -eq "x" -and device.deviceModel -eq "y"', false],
    ['-not (device.deviceModel -eq "x" -and device.deviceModel -eq "y")', true],
    ['device.devicePhysicalIds -all (_ -startsWith "[")', true],
    ['device.devicePhysicalIds -all (-not (_ -startsWith "[OrderId]"))', false],
  ])('%s: %s', (source, expected) => {
    expect(isMember(source)).toBe(expected);
  });

  it('can ask about every attribute that there is', () => {
    for (const { name, collection } of ruleAttributes) {
      const rule = parseRule(`device.${name} ${collection ? '-any (_ -eq "x")' : '-eq "x"'}`);
      expect({ name, ok: rule.ok }).toEqual({ name, ok: true });
    }
  });

  it.each([
    ['', 'rule.empty', 0, 0],
    ['   ', 'rule.empty', 0, 3],
    ['x'.repeat(ruleLimits.length + 1), 'rule.too-long', ruleLimits.length, 1],
    ['device.deviceModel -eq “Book”', 'rule.character', 23, 1],
    ["device.deviceModel -eq 'Book'", 'rule.character', 23, 1],
    ['device.deviceModel –eq "Book"', 'rule.character', 19, 1],
    ['device.deviceModel -eq "Book', 'rule.text-not-closed', 23, 5],
    ['device.deviceModel -eq "a\u0000b"', 'rule.character', 25, 1],
    ['device.deviceModel -eq "a`b"', 'rule.character', 25, 1],
    ['user.department -eq "x"', 'rule.attribute', 0, 15],
    ['device.colour -eq "x"', 'rule.attribute', 0, 13],
    ['device.constructor -eq "x"', 'rule.attribute', 0, 18],
    ['device.enrollmentProfileName -eq "x"', 'rule.attribute', 0, 28],
    ['device.extensionAttribute15 -eq "x"', 'rule.attribute', 0, 27],
    ['device.deviceOSVersion -startsWith "10"', 'rule.attribute', 0, 22],
    ['_ -eq "x"', 'rule.attribute', 0, 1],
    ['device.deviceModel -like "x"', 'rule.operator', 19, 5],
    ['device.deviceModel -constructor "x"', 'rule.operator', 19, 12],
    ['device.deviceModel -any (_ -eq "x")', 'rule.operator', 19, 4],
    ['device.devicePhysicalIds -contains "x"', 'rule.operator', 25, 9],
    ['device.deviceModel -eq', 'rule.value', 22, 0],
    ['device.deviceModel -eq true', 'rule.value', 23, 4],
    ['device.deviceModel -contains null', 'rule.value', 29, 4],
    ['device.deviceModel -in "x"', 'rule.value', 23, 3],
    ['device.deviceModel -in []', 'rule.value', 24, 1],
    ['device.deviceModel -in ["x" "y"]', 'rule.expected', 28, 3],
    ['device.devicePhysicalIds -any (device.deviceModel -eq "x")', 'rule.expected', 31, 18],
    ['device.deviceModel -eq "x" device.deviceModel -eq "y"', 'rule.expected', 27, 18],
    ['(device.deviceModel -eq "x"', 'rule.expected', 27, 0],
    ['device.deviceModel -eq "x")', 'rule.expected', 26, 1],
    ['"x" -eq "x"', 'rule.expected', 0, 3],
    [`${'('.repeat(30)}device.deviceModel -eq "x"${')'.repeat(30)}`, 'rule.too-deep', 20, 1],
    ['device.deviceModel -match "``(?:a)"', 'rule.pattern', 29, 2],
    ['device.deviceModel -match ""', 'rule.pattern', 27, 0],
  ])('%s is refused: %s at %d', (source, code, position, length) => {
    const rule = parseRule(source);
    expect(rule).toMatchObject({ ok: false, refusal: { code, position, length } });
    if (!rule.ok) expect(rule.refusal.message).toMatch(/\.$/);
  });

  it('never fails on any text: it is understood, or refused with a place within it', () => {
    const scraps = fc.constantFrom(
      'device.',
      'deviceModel',
      ' -eq ',
      '"',
      '(',
      ')',
      '_',
      '-any',
      ' -not',
      '[',
      ',',
      '`',
      'null',
      '\ud800',
      '\\',
      '{',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(scraps).map((parts) => parts.join('')),
        ),
        (source) => {
          const rule = parseRule(source);
          if (rule.ok) return matches(rule.value, foldDevice(kiosk)) || true;
          return rule.refusal.position >= 0 && rule.refusal.position + rule.refusal.length <= source.length;
        },
      ),
    );
  });

  it('explains itself clause by clause', () => {
    const source =
      '(device.deviceModel -eq "Book") -or -not (device.devicePhysicalIds -any (_ -startsWith "[OrderID]"))';
    const rule = parseRule(source);
    if (!rule.ok) throw new Error(rule.refusal.message);
    expect(explainRule(rule.value, kiosk)).toMatchObject({
      kind: 'or',
      text: source,
      holds: false,
      parts: [
        { kind: 'compare', text: '(device.deviceModel -eq "Book")', position: 0, holds: false, found: 'Straße 5' },
        { kind: 'not', holds: false, parts: [{ kind: 'any', holds: true, telling: ['[OrderId]:Kiosk "A" `1`'] }] },
      ],
    });
  });
});

describe('a pattern', () => {
  it.each([
    ['a**', 2],
    ['a+?', 2],
    ['*a', 0],
    ['(a', 0],
    ['a)', 1],
    ['(?=a)', 0],
    ['(?<n>a)', 0],
    ['a|', 2],
    ['()', 1],
    ['\\1', 0],
    ['\\b', 0],
    ['\\p{L}', 0],
    ['\\', 0],
    ['[a', 0],
    ['[]', 0],
    ['[z-a]', 1],
    ['[A-z]', 1],
    ['[a-\\d]', 1],
    ['[ß]', 1],
    ['[[:alpha:]]', 1],
    ['a{2,1}', 1],
    ['a{0}', 1],
    ['a{256}', 1],
    ['a{x}', 1],
    ['(^a)*', 0],
    ['$?', 0],
    ['(a{200}){200}', 0],
    ['a}', 1],
    ['a'.repeat(257), 256],
    [`${'('.repeat(12)}a${')'.repeat(12)}`, 11],
  ])('%s is refused at %d', (source, position) => {
    expect(parsePattern(source)).toMatchObject({ ok: false, refusal: { position } });
  });

  it.each([
    ['^a.c$', 'abc', true],
    ['^a.c$', 'a🦕c', true],
    ['^a.c$', 'abbc', false],
    ['(ab|cd)+$', 'xxabcd', true],
    ['^(a|aa)+$', 'a'.repeat(200), true],
    ['^a{2,3}$', 'aaaa', false],
    ['^a{2,}$', 'aaaa', true],
    ['[^a-y]', 'abz', true],
    ['b|^c', 'ab', true],
  ])('%s in %s: %s', (source, text, expected) => {
    const pattern = parsePattern(source);
    if (!pattern.ok) throw new Error(pattern.refusal.message);
    expect(isFound(programOf(pattern.value), foldText(text))).toBe(expected);
  });

  it('is quick where a backtracking engine would never end', () => {
    const pattern = parsePattern('^((a|a)*(a|aa)*)*$');
    if (!pattern.ok) throw new Error(pattern.refusal.message);
    const begin = performance.now();
    expect(isFound(programOf(pattern.value), `${'a'.repeat(2_000)}b`)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('folding', () => {
  it.each([
    ['ΣΑΣ', 'σας'],
    ['Straße', 'STRASSE'],
    ['ẞ', 'ss'],
    ['e\u0301', 'É'],
    ['İ', 'i\u0307'],
  ])('makes %s and %s equal', (left, right) => {
    expect(foldText(left)).toBe(foldText(right));
  });

  it('keeps a prefix a prefix, letter by letter', () => {
    expect(foldText('ΑΣΑ').startsWith(foldText('ΑΣ'))).toBe(true);
  });

  it('leaves nothing that PostgreSQL cannot store, and folding again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const folded = foldText(text);
        expect(folded.includes('\0')).toBe(false);
        expect(Buffer.from(folded, 'utf8').toString('utf8')).toBe(folded);
        expect(foldText(folded)).toBe(folded);
      }),
      { numRuns: 1_000 },
    );
  });
});
