import { describe, expect, it } from '@jest/globals';
import {
  anEmptyReport,
  encodeHardwareHash,
  restorePadding,
  type Digests,
  type HardwareReport,
} from '@groundcrew/matching';
import { createSealer, hashContext, type OpenChunk } from '@groundcrew/persistence/without-orm';
import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { NamedRow, Resolution } from '../makers/names-on-file.js';
import { decideChunk } from './decide-chunk.js';

const secret = createSecretKey(randomBytes(32));
const digests: Digests = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: (bytes) => createHmac('sha256', secret).update(bytes).digest(),
};
const sealer = createSealer(randomBytes(32));

function aHash(serialNumber: string, more: Partial<HardwareReport['system']> = {}): string {
  const empty = anEmptyReport('hardware-hash');
  const uuid = createHash('sha256').update(serialNumber).digest('hex').slice(0, 32);
  const report = {
    ...empty,
    system: { ...empty.system, manufacturer: 'Fabrikam', product: 'Book 5', serialNumber, uuid, ...more },
  };
  return Buffer.from(encodeHardwareHash(report, digests)).toString('base64');
}

function decide(lines: string[], more: Partial<OpenChunk> = {}) {
  const chunk: OpenChunk = {
    kind: 'registration_order',
    validateOnly: false,
    partnerId: 'partner',
    format: 'jsonl',
    csvHeader: null,
    defaults: {},
    firstLine: 1,
    lineCount: lines.length,
    sealedBody: Buffer.alloc(0),
    ...more,
  };
  return decideChunk(
    chunk,
    Buffer.from(lines.join('\n')),
    { sealer, digests, nowMs: 1_795_000_000_000 },
    nothingOnFile,
  );
}

const json = (row: object) => JSON.stringify(row);
const nothingOnFile = async (rows: readonly NamedRow[]): Promise<Resolution[]> =>
  rows.map(({ line }) => ({ line, refusal: { verdict: 'not_on_file', code: 'maker.not-on-file', message: 'none' } }));

describe('deciding a chunk from its rows', () => {
  it('assigns nobody to a HoloLens, whether its hash says so or its sender', async () => {
    const row = (hash: string) => json({ hardwareIdentifier: hash, assignedUserPrincipalName: 'ada@contoso.com' });
    const lens = aHash('L1', { manufacturer: 'Microsoft Corporation', product: 'HoloLens 2' });
    const refused = {
      verdict: 'malformed',
      detail: { field: 'assignedUserPrincipalName', code: 'device.takes-no-user' },
    };
    expect((await decide([row(lens), row(aHash('P1'))])).rejected).toMatchObject([{ line: 1, ...refused }]);
    const declared = await decide([row(aHash('P2'))], { defaults: { osFamily: 'holographic_2004_or_later' } });
    expect(declared).toMatchObject({ candidates: [], rejected: [{ line: 1, ...refused }] });
    const nobody = await decide([json({ hardwareIdentifier: lens })]);
    expect(nobody).toMatchObject({ candidates: [{ platform: { deviceType: 'holoLens' } }], rejected: [] });
  });

  it('takes from a complete hash what it says of the platform', async () => {
    const empty = anEmptyReport('hardware-hash');
    const system = {
      ...empty.system,
      manufacturer: 'Fabrikam',
      product: 'Book 5',
      serialNumber: '5CG1',
      uuid: 'ab'.repeat(16),
    };
    const tpm = { text: 'TPM-Version:1.2 -Level:2', endorsementKey: 'cd'.repeat(32), kind: 'unknown' as const };
    const report = { ...empty, system, tpm, operatingSystem: '10.0.19045.1' };
    const hash = Buffer.from(encodeHardwareHash(report, digests)).toString('base64');
    const { candidates } = await decide([
      json({ hardwareIdentifier: hash }),
      json({ hardwareIdentifier: Buffer.alloc(100, 7).toString('base64') }),
    ]);
    expect(candidates.map(({ platform }) => platform)).toEqual([
      { osFamily: 'windows_10', deviceType: 'windowsPc', tpmVersion: '1.2' },
      { osFamily: null, deviceType: null, tpmVersion: null },
    ]);
  });

  it('takes a row with a hash: the device says who it is, and the hash is sealed without its padding', async () => {
    const hash = aHash('5CG1234XYZ');
    const { candidates, rejected } = await decide([
      json({ serialNumber: 'something else', hardwareIdentifier: hash, groupTag: ' Kiosk ' }),
    ]);
    expect(rejected).toEqual([]);
    const [device] = candidates;
    expect(device).toMatchObject({
      line: 1,
      serialNumber: '5CG1234XYZ',
      manufacturer: 'Fabrikam',
      model: 'Book 5',
      groupTag: 'Kiosk',
      hashLevel: 'full',
    });
    expect(device!.sealedHash.length).toBeLessThan(1_500);
    const opened = restorePadding({
      bytes: sealer.open(device!.sealedHash, hashContext(device!.deviceId)),
      length: device!.hashLength,
    });
    expect(Buffer.from(opened).toString('base64')).toBe(hash);
  });

  it.each([
    ['a line that is not JSON', '{"serialNumber":', 'malformed', undefined],
    ['a line that is not an object', '[1]', 'malformed', undefined],
    ['a field that is not text', json({ serialNumber: 7 }), 'malformed', 'serialNumber'],
    [
      'a field that is too long',
      json({ hardwareIdentifier: aHash('A1B2C3'), groupTag: 'x'.repeat(129) }),
      'malformed',
      'groupTag',
    ],
    [
      'a control character',
      json({ hardwareIdentifier: aHash('A1B2C4'), groupTag: 'a\u0007b' }),
      'malformed',
      'groupTag',
    ],
    [
      'a user that is none',
      json({ hardwareIdentifier: aHash('A1B2C5'), assignedUserPrincipalName: 'ada' }),
      'malformed',
      'assignedUserPrincipalName',
    ],
    [
      'a name that no computer may have',
      json({ hardwareIdentifier: aHash('A1B2C6'), displayName: 'Front desk' }),
      'malformed',
      'displayName',
    ],
    ['a record longer than any hash', json({ hardwareIdentifier: 'A'.repeat(40_000) }), 'malformed', undefined],
    ['no identity', json({ groupTag: 'Kiosk' }), 'identity_missing', undefined],
    ['an incomplete tuple', json({ manufacturer: 'Fabrikam', serialNumber: 'SN1' }), 'identity_missing', undefined],
    ['a hash that is not base64', json({ hardwareIdentifier: '*** no ***' }), 'hash_invalid', 'hardwareIdentifier'],
    ['a hash that is too short', json({ hardwareIdentifier: 'T0FzAQEAHAA=' }), 'hash_invalid', 'hardwareIdentifier'],
    [
      'a hash whose records do not add up',
      json({
        hardwareIdentifier: Buffer.concat([Buffer.from('OA\xff\x00', 'latin1'), Buffer.alloc(80, 255)]).toString(
          'base64',
        ),
      }),
      'hash_invalid',
      'hardwareIdentifier',
    ],
    [
      'a tuple that no maker has uploaded',
      json({ manufacturer: 'Fabrikam', model: 'Book 5', serialNumber: 'SN1' }),
      'not_on_file',
      undefined,
    ],
    ['a product key id that no maker has uploaded', json({ productKey: '3300000000001' }), 'not_on_file', undefined],
  ])('gives %s its own verdict and does the rows around it', async (_name, line, verdict, field) => {
    const { candidates, rejected } = await decide([
      json({ hardwareIdentifier: aHash('FIRST1') }),
      line,
      json({ hardwareIdentifier: aHash('THIRD3') }),
    ]);
    expect(candidates.map((device) => device.line)).toEqual([1, 3]);
    expect(rejected).toEqual([
      { line: 2, verdict, detail: expect.objectContaining(field === undefined ? {} : { field }) },
    ]);
  });

  it('takes along whom a device is meant for, from JSON and from the five columns', async () => {
    const user = 'ada@contoso.com';
    const sent = await decide([
      json({ hardwareIdentifier: aHash('USER01'), assignedUserPrincipalName: user, displayName: 'Kiosk-7' }),
      json({ hardwareIdentifier: aHash('USER02') }),
    ]);
    expect(sent.candidates.map(({ designation }) => designation)).toEqual([
      { assignedUser: user, displayName: 'Kiosk-7' },
      null,
    ]);
    const csv = await decide([`USER03,,${aHash('USER03')},Kiosk,${user}`], {
      kind: 'import',
      partnerId: null,
      format: 'csv',
      csvHeader: 'Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User',
    });
    expect(csv).toMatchObject({
      rejected: [],
      corrected: [],
      candidates: [{ groupTag: 'Kiosk', designation: { assignedUser: user, displayName: null } }],
    });
  });

  it('finds a repetition by what the device is, not by how the row looks', async () => {
    const { candidates, rejected } = await decide([
      json({ hardwareIdentifier: aHash('SAME99') }),
      json({ hardwareIdentifier: aHash('SAME99', { sku: 'another SKU' }) }),
    ]);
    expect(candidates).toHaveLength(1);
    expect(rejected).toEqual([{ line: 2, verdict: 'duplicate_in_file', detail: { repeats: 1 } }]);
  });

  it('knows a hash that it cannot read by its bytes', async () => {
    const opaque = randomBytes(300).toString('base64');
    const { candidates, rejected } = await decide([
      json({ hardwareIdentifier: opaque }),
      json({ hardwareIdentifier: opaque }),
    ]);
    expect(candidates).toEqual([
      expect.objectContaining({ hashLevel: 'opaque', claims: [expect.objectContaining({ kind: 'opaque_hash' })] }),
    ]);
    expect(rejected[0]).toMatchObject({ verdict: 'duplicate_in_file' });
  });

  it('counts lines as the file does: blank ones are no rows, CRLF is no text', async () => {
    const { candidates } = await decide(
      [`${json({ hardwareIdentifier: aHash('LINE41') })}\r`, '', '  ', json({ hardwareIdentifier: aHash('LINE44') })],
      { firstLine: 41 },
    );
    expect(candidates.map((device) => device.line)).toEqual([41, 44]);
  });

  it('reads a CSV by its header, in any order and case, quoted or not, with columns it does not know', async () => {
    const { candidates, rejected } = await decide(
      [`x,"tag, with comma",${aHash('CSV001')},"5CG"`, `x,,${aHash('CSV002')}`, 'x,,,SN,one too many'],
      { format: 'csv', csvHeader: 'Colour,GROUP TAG,hardware hash,Device Serial Number', firstLine: 2 },
    );
    expect(candidates.map(({ line, groupTag }) => ({ line, groupTag }))).toEqual([
      { line: 2, groupTag: 'tag, with comma' },
      { line: 3, groupTag: null },
    ]);
    expect(rejected).toEqual([expect.objectContaining({ line: 4, verdict: 'malformed' })]);
  });

  it('says what it changed to read a line, and reads old encodings', async () => {
    const hash = aHash('DOC001').replace(/=+$/, '');
    const { candidates, corrected } = await decide([], {
      format: 'csv',
      csvHeader: 'Serial Number;Hardware Hash;Group Tag',
      firstLine: 2,
    });
    expect({ candidates, corrected }).toEqual({ candidates: [], corrected: [] });
    const part = Buffer.from(`S1; ${hash};K\xfcche\nS2;${aHash('DOC002')};Sales`, 'latin1');
    const chunk = { format: 'csv' as const, csvHeader: 'Serial Number;Hardware Hash;Group Tag', firstLine: 2 };
    const decision = await decideChunk(
      {
        kind: 'import',
        validateOnly: false,
        partnerId: null,
        defaults: {},
        lineCount: 2,

        ...chunk,
      },
      part,
      { sealer, digests, nowMs: 1_795_000_000_000 },
      nothingOnFile,
    );
    expect(decision.candidates.map(({ groupTag }) => groupTag)).toEqual(['Küche', 'Sales']);
    const codes = decision.corrected!.map(({ line, corrections }) => [line, corrections.map(({ code }) => code)]);
    expect(codes).toEqual([[2, expect.arrayContaining(['blanks', 'windows-1252'])]]);
  });

  it('takes an administrator’s rows by their hash alone', async () => {
    const rows = [
      json({ productKey: '00330-50000-00000-AAOEM' }),
      json({ manufacturer: 'Fabrikam', model: 'Book 5', serialNumber: 'SN1' }),
      json({ groupTag: 'Kiosk' }),
      json({ hardwareIdentifier: aHash('OWN001') }),
    ];
    const { candidates, rejected } = await decide(rows, { kind: 'import', partnerId: null });
    expect(candidates.map(({ line }) => line)).toEqual([4]);
    expect(rejected).toEqual(
      [1, 2, 3].map((line) =>
        expect.objectContaining({
          line,
          verdict: 'hash_invalid',
          detail: expect.objectContaining({ field: 'hardwareIdentifier', code: 'hash.missing' }),
        }),
      ),
    );
  });

  it('uses what the order says where a row says nothing', async () => {
    const { candidates } = await decide(
      [
        json({ hardwareIdentifier: aHash('DEF001') }),
        json({ hardwareIdentifier: aHash('DEF002'), purchaseOrderIdentifier: 'PO-9' }),
      ],
      { defaults: { purchaseOrderIdentifier: 'PO-1', groupTag: 'Sales' } },
    );
    expect(candidates.map(({ purchaseOrder, groupTag }) => [purchaseOrder, groupTag])).toEqual([
      ['PO-1', 'Sales'],
      ['PO-9', 'Sales'],
    ]);
  });
});
