import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from './bytes/base64.js';
import { restorePadding, trimPadding } from './bytes/padding.js';
import type { DecodedHash } from './decode-hardware-hash.js';
import { decodeHardwareHash } from './decode-hardware-hash.js';
import type { Digests } from './digests.js';
import { encodeEnvelope } from './envelope/encode-envelope.js';
import { encodeHardwareHash } from './hardware-hash/encode-hardware-hash.js';
import { identityClaims } from './identity/identity-claims.js';
import { evidenceKeys } from './identity/evidence-keys.js';
import type { HardwareReport } from './report.js';
import { toSnapshot } from './snapshot/to-snapshot.js';

const digests: Digests = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: (bytes) => createHmac('sha256', 'spec').update(bytes).digest(),
};

function sample(name: string): string {
  const text = readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('');
}

function decoded(text: string): DecodedHash {
  const result = decodeHardwareHash(text, digests);
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
}

function reportOf(text: string): HardwareReport {
  const { report } = decoded(text);
  if (report === null) throw new Error('opaque');
  return report;
}

const baseline = sample('synthetic-01-baseline');
const codeOf = (text: string): string => {
  const result = decodeHardwareHash(text, digests);
  return result.ok ? result.value.level : result.rejection.code;
};

describe('decoding a hardware hash', () => {
  it('reads everything a complete hash says', () => {
    const hash = decoded(baseline);
    expect(hash).toMatchObject({ level: 'full', form: 'hardware-hash', trailer: 'verified', unknown: [] });
    expect(hash.report).toMatchObject({
      system: {
        manufacturer: 'Contoso',
        product: 'Testbook 14 G2',
        serialNumber: 'TESTSN0001',
        sku: 'TB14G2#ABC',
        family: 'Testbook',
      },
      board: { manufacturer: 'Contoso', product: 'CB-1402', version: 'Rev A1' },
      processor: { vendor: 'GenuineIntel', cores: 4, threads: 8 },
      memory: { totalGigabytes: 16, slots: 2 },
      chassis: { type: 10 },
      displays: ['344x193mm 1920x1080'],
      productKeyId: '0000000000001',
      operatingSystem: '10.0.26100.1',
      findings: [],
    });
    expect(hash.report?.disks).toEqual([
      {
        ids: ['EX00_0000_0000_0001.'],
        product: 'EXAMPLE NVME 512',
        vendor: '',
        bus: 'nvme',
        capacityGigabytes: 512,
        system: true,
      },
    ]);
    expect(hash.report?.networks.map(({ medium, mac, bus }) => [medium, mac, bus])).toEqual([
      ['wireless', '00005e005301', 'PCI'],
      ['bluetooth', '00005e005302', 'BTH'],
      ['ethernet', '00005e005303', 'PCI'],
    ]);
  });

  it('keeps the fields of a cut-off hash and says it is partial', () => {
    const hash = decoded(sample('public-01-oofhours-hyperv-vm-2022-truncated'));
    expect(hash).toMatchObject({ level: 'partial', trailer: 'absent' });
    expect(hash.report?.system).toMatchObject({
      manufacturer: 'Microsoft Corporation',
      serialNumber: '3762-6031-9351-8758-8222-9601-28',
    });
    // The day the article that prints this hash was published.
    expect(new Date(hash.report!.collectedAt! * 1000).toISOString()).toMatch(/^2022-08-02T/);
    expect(hash.report?.tpm?.endorsementKey).toBe('d0b059d2beb6f29341ce96374d39788092cb88a836a3af7b9e6f3a2a4046393b');
    expect(toSnapshot(hash.report!, hash.level)).toMatchObject({ virtual: true, lan: [], systemDisks: [] });
  });

  it.each([
    ['nothing', '', 'hash.empty'],
    ['white space', ' \r\n', 'hash.empty'],
    ['other characters', 'not*base64*at*all'.repeat(8), 'hash.not-base64'],
    ['padding in the middle', 'T0G=DAgEAHAA', 'hash.not-base64'],
    ['a fragment', sample('public-02-microsoft-sample-csv-fragment'), 'hash.too-short'],
    ['more than an envelope', 'A'.repeat(24_577), 'hash.too-long'],
    ['more than a hash', 'A'.repeat(9_000), 'hash.too-long'],
    ['an unknown form', 'A'.repeat(4_000), 'opaque'],
    ['a frame without records', 'T0EA'.padEnd(4000, 'A'), 'hash.malformed'],
  ])('answers to %s', (_what, text, expected) => {
    expect(codeOf(text)).toBe(expected);
  });

  it('lowers a hash with a broken digest to partial', () => {
    const bytes = decodeBase64(baseline)!;
    bytes[917 + 10]! ^= 1;
    expect(decoded(encodeBase64(bytes))).toMatchObject({ level: 'partial', trailer: 'mismatch' });
  });

  it('says when the endorsement key is not that of its modulus', () => {
    const report = reportOf(baseline);
    const forged = encodeHardwareHash(report, digests, { endorsementKeyModulus: new Uint8Array(256).fill(7) });
    expect(reportOf(encodeBase64(forged)).findings).toEqual(['ek.differs-from-modulus']);
  });

  it('keeps records it does not know', () => {
    const value = Uint8Array.from([1, 2, 3]);
    const bytes = encodeHardwareHash(reportOf(baseline), digests, { unknown: [{ type: 4711, value }] });
    const { level, unknown } = decoded(encodeBase64(bytes));
    expect(level).toBe('full');
    expect(unknown).toHaveLength(1);
    expect([...unknown[0]!.value]).toEqual([1, 2, 3]);
  });
});

describe('tolerating how hashes are exported', () => {
  it('repairs lost padding as the documented vector says', () => {
    const expected = Buffer.from('Q29udG9zbwAAAA==', 'base64');
    for (const spelling of [
      'Q29udG9zbwAAA',
      'Q29udG9zbwAAA=',
      'Q29udG9zbwAAA==',
      'Q29udG9zbwAAAA',
      'Q29udG9zbwAAAA==',
    ]) {
      expect(Buffer.from(decodeBase64(spelling)!)).toEqual(expected);
    }
  });

  it('accepts white space and the URL alphabet', () => {
    const wrapped = baseline
      .replace(/(.{76})/g, '$1\r\n')
      .replaceAll('+', '-')
      .replaceAll('/', '_');
    expect(reportOf(wrapped)).toEqual(reportOf(baseline));
  });

  it('agrees with the platform on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(encodeBase64(bytes)).toBe(text);
        expect(Buffer.from(decodeBase64(text.replaceAll('=', ''))!)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('drops zero padding and gives it back', () => {
    const bytes = decodeBase64(baseline)!;
    const trimmed = trimPadding(bytes);
    expect(trimmed.bytes.length).toBeLessThan(960);
    expect(restorePadding(trimmed)).toEqual(bytes);
  });
});

describe('writing what was read', () => {
  it('gives the same report back as a hash and as an envelope', () => {
    for (const name of ['synthetic-01-baseline', 'synthetic-02-moderate-change', 'synthetic-04-no-tpm']) {
      const report = reportOf(sample(name));
      expect(reportOf(encodeBase64(encodeHardwareHash(report, digests)))).toEqual(report);
      const envelope = decoded(encodeBase64(encodeEnvelope(report, digests)));
      expect(envelope).toMatchObject({ level: 'full', form: 'envelope', trailer: 'verified' });
      const { masked: _ignored, ...asEnvelope } = toSnapshot(envelope.report!);
      const { masked: _too, ...asHash } = toSnapshot(report);
      expect(asEnvelope).toEqual({ ...asHash, source: 'envelope' });
    }
  });

  it('makes the same claims and keys in either form, and others after a board was replaced', () => {
    const before = toSnapshot(reportOf(baseline));
    const replaced = toSnapshot(reportOf(sample('synthetic-03-board-replaced-reflashed-serial')));
    const envelope = toSnapshot(reportOf(encodeBase64(encodeEnvelope(reportOf(baseline), digests))));
    expect(identityClaims(envelope)).toEqual(identityClaims(before));
    expect(evidenceKeys(envelope, digests)).toEqual(evidenceKeys(before, digests));
    expect(evidenceKeys(before, digests).map(({ kind }) => kind)).toEqual([
      'ek',
      'uuid',
      'serial',
      'product-key',
      'lan',
      'wireless',
      'bluetooth',
      'disk',
    ]);
    const shared = new Set(evidenceKeys(before, digests).map(({ key }) => key));
    const kept = evidenceKeys(replaced, digests).filter(({ key }) => shared.has(key));
    expect(kept.map(({ kind }) => kind)).toEqual(['serial', 'wireless', 'bluetooth', 'disk']);
    expect(identityClaims({ manufacturer: 'CONTOSO', model: 'any', serialNumber: ' testsn0001' })).toEqual([
      identityClaims(before)[1],
    ]);
  });

  it('makes no claim of a placeholder', () => {
    const claims = (manufacturer: string, serialNumber: string) =>
      identityClaims({ manufacturer, model: 'x', serialNumber });
    expect(claims('Contoso', 'To Be Filled By O.E.M.')).toEqual([]);
    expect(claims('System manufacturer', 'TESTSN0001')).toEqual([]);
    expect(claims('Contoso', 'contoso')).toEqual([]);
    expect(claims('Contoso', 'SN-23456789')).toEqual([]);
  });
});

describe('a hash from an attacker', () => {
  const shape = decodeBase64(baseline)!;
  const envelope = encodeEnvelope(reportOf(baseline), digests);

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5000, unit: 'binary' }), (text) => void decodeHardwareHash(text, digests)),
      { numRuns: 500 },
    );
  });

  it.each([
    ['hash', shape],
    ['envelope', envelope],
  ] as const)('never throws on a mutated %s and keeps its bounds', (_name, original) => {
    const edits = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(edits, fc.nat(original.length), (changes, end) => {
        const bytes = Uint8Array.from(original);
        for (const [at, value] of changes) bytes[at] = value;
        const result = decodeHardwareHash(encodeBase64(bytes.subarray(0, Math.max(end, 100))), digests);
        if (!result.ok || result.value.report === null) return;
        const snapshot = toSnapshot(result.value.report, result.value.level);
        expect(JSON.stringify(snapshot).length).toBeLessThan(8 * original.length);
        expect(evidenceKeys(snapshot, digests).length).toBeLessThanOrEqual(24);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads the records of a frame with any lengths without leaving it', () => {
    const record = fc.tuple(fc.nat(40), fc.oneof(fc.nat(64), fc.nat(65535)), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), (records) => {
        const body = records.flatMap(([type, length, value]) => [type, 0, length & 255, length >> 8, ...value]);
        const bytes = Uint8Array.from([
          0x4f,
          0x41,
          (body.length + 4) & 255,
          (body.length + 4) >> 8,
          ...body,
          ...new Array<number>(80).fill(0),
        ]);
        decodeHardwareHash(encodeBase64(bytes), digests);
      }),
      { numRuns: 1000 },
    );
  });
});
