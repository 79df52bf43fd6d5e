import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { decodeHardwareHash, identityClaims, toSnapshot } from '@groundcrew/matching';
import { generateFleet } from './generate-fleet.js';
import { nodeDigests } from './node-digests.js';
import { orderRows } from './order-rows.js';
import { Random } from './random.js';
import type { OrderFormat } from './write-order.js';
import { CSV_HEADER, writeOrder } from './write-order.js';

function claimsOf(hardwareIdentifier: string): string[] {
  const decoded = decodeHardwareHash(hardwareIdentifier, nodeDigests);
  if (!decoded.ok || decoded.value.report === null) throw new Error('not a hash');
  return identityClaims(toSnapshot(decoded.value.report)).map(({ text }) => text);
}

async function written(format: OrderFormat): Promise<string> {
  const out = new PassThrough();
  const read = text(out);
  await writeOrder({ seed: 7, devices: 40, bad: 4, format, purchaseOrder: 'PO-1', groupTag: 'Lab' }, out);
  out.end();
  return read;
}

describe('a generated fleet', () => {
  const devices = [...generateFleet({ seed: 7, devices: 300 })];

  it('has complete hashes of 4000 characters that say what the row says', () => {
    for (const device of devices) {
      expect(device.hardwareIdentifier).toHaveLength(4000);
      const decoded = decodeHardwareHash(device.hardwareIdentifier, nodeDigests);
      expect(decoded).toMatchObject({ ok: true, value: { level: 'full' } });
      if (!decoded.ok) continue;
      expect(decoded.value.report).toMatchObject({
        system: { manufacturer: device.manufacturer, product: device.model, serialNumber: device.serialNumber },
        productKeyId: device.productKey ?? '',
        findings: [],
      });
    }
  });

  it('is the same for the same seed, wherever it is begun', () => {
    expect([...generateFleet({ seed: 7, devices: 5, start: 100 })]).toEqual(devices.slice(100, 105));
  });

  it('shares no identity within itself, nor with another seed', () => {
    const other = [...generateFleet({ seed: 8, devices: 300 })];
    const all = [...devices, ...other].flatMap(({ hardwareIdentifier }) => claimsOf(hardwareIdentifier));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(1200);
  });

  it('refuses a seed that would fold onto another', () => {
    expect(() => [...generateFleet({ seed: 16_384, devices: 1 })]).toThrow(RangeError);
  });

  it('numbers neighbours of a lot so that they differ in one or two characters', () => {
    const [first, second] = [devices[10]!.serialNumber, devices[11]!.serialNumber];
    const different = [...first].filter((character, at) => character !== second[at]);
    expect(different.length).toBeLessThanOrEqual(2);
    expect(first).toHaveLength(second.length);
  });
});

describe('the seeded generator', () => {
  it('gives streams of their own to a quarter of a million neighbouring seeds', () => {
    // Pairs of words of 64 bits in all: with a 32-bit state about seven would meet.
    const beginnings = new Set<number>();
    for (let seed = 0; seed < 250_000; seed += 1) {
      const random = new Random(seed, 25);
      beginnings.add(random.bits() * 2 ** 21 + (random.bits() >>> 11));
    }
    expect(beginnings.size).toBe(250_000);
  });
});

describe('a generated order', () => {
  it('has as many bad rows as asked for, of every kind, and each is really bad', () => {
    const rows = [...orderRows({ seed: 7, devices: 3000, bad: 12 })];
    expect(rows).toHaveLength(3000);
    const bad = rows.filter((row) => row.bad !== null);
    expect(bad.map((row) => row.bad)).toEqual(
      Array(3).fill(['no-identity', 'hash-not-base64', 'hash-too-short', 'duplicate']).flat(),
    );
    const code = (hash: string) => {
      const result = decodeHardwareHash(hash, nodeDigests);
      return result.ok ? 'ok' : result.rejection.code;
    };
    for (const { row, bad: kind } of bad) {
      if (kind === 'hash-not-base64') expect(code(row.hardwareIdentifier)).toBe('hash.not-base64');
      if (kind === 'hash-too-short') expect(code(row.hardwareIdentifier)).toBe('hash.too-short');
      if (kind === 'duplicate')
        expect(rows.filter((other) => other.row.serialNumber === row.serialNumber)).toHaveLength(2);
    }
  });

  it('writes the same rows in every format', async () => {
    const expected = [...orderRows({ seed: 7, devices: 40, bad: 4 })].map(({ row }) => row.serialNumber);
    const lines = (await written('jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines.map((row) => row['serialNumber'] ?? '')).toEqual(expected);
    expect(lines[0]).toMatchObject({ groupTag: 'Lab', purchaseOrderIdentifier: 'PO-1' });
    const csv = (await written('csv')).trim().split('\n');
    expect(csv[0]).toBe(CSV_HEADER);
    expect(csv.slice(1).map((line) => line.split(',')[2])).toEqual(expected);
    const json = JSON.parse(await written('json')) as {
      purchaseOrderIdentifier: string;
      devices: { serialNumber?: string }[];
    };
    expect(json.purchaseOrderIdentifier).toBe('PO-1');
    expect(json.devices.map((row) => row.serialNumber ?? '')).toEqual(expected);
  });
});
