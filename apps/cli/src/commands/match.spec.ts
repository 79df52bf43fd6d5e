import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MatchView } from '@groundcrew/contracts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aDevice, hashOf } from '../../../../test/support/hardware.js';
import { tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers, refuses } from '../testing/scripted-service.js';

const device = aDevice(
  761,
  ({ board, radio, model }) => board.tpm !== null && board.lanMac !== '' && radio !== null && model.vendor === 'lenovo',
);
const hash = hashOf(device);
const secrets = [
  device.serialNumber,
  device.board.uuid,
  device.board.lanMac,
  device.radio!.wireless,
  device.board.productKeyId,
  hash.slice(100, 140),
];
const matched: MatchView = {
  outcome: 'match',
  deviceId: '44444444-4444-4444-8444-444444444444',
  ruleset: 'rules-1',
  weights: 'weights-1',
  rule: 'A1',
  says: 'The TPM agrees; parts may differ.',
  margin: null,
  partSeenBefore: false,
  decoded: {
    form: 'hardware-hash',
    level: 'full',
    trailer: 'verified',
    collectedAt: null,
    findings: [],
    unknownRecords: 0,
    groups: [],
    ignored: [],
  },
  candidates: [
    {
      elsewhere: false,
      deviceId: '44444444-4444-4444-8444-444444444444',
      serialNumber: 'PF…7K',
      outcome: 'match',
      rule: 'A1',
      says: 'The TPM agrees; parts may differ.',
      cap: null,
      bits: 101.25,
      posterior: 1,
      agree: ['EK'],
      disagree: ['DISK'],
      missing: [],
      contested: [],
      groups: [
        {
          group: 'EK',
          name: 'TPM endorsement key',
          state: 'agree',
          bits: 24,
          observed: ['aa…bb'],
          registered: ['aa…bb'],
          reason: 'EK_AGREE',
        },
        {
          group: 'DISK',
          name: 'disk',
          state: 'disagree',
          bits: -4.6,
          observed: ['S4…01'],
          registered: ['S4…02'],
          reason: 'DISK_DISAGREE',
        },
      ],
      flip: { group: 'EK', from: 'agree', to: 'disagree', outcome: 'review', rule: 'V2' },
    },
    { elsewhere: true, outcome: 'review' },
  ],
};

describe('matching a file', () => {
  const service = new ScriptedService();
  const question = `POST /v1/tenants/${tenantId}/devices/match`;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'match-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }
  const row = { hardwareIdentifier: hash, serialNumber: device.serialNumber };
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(hash, 'utf16le')]);

  it.each([
    ['the text of a hash', 'hash.txt', `${hash.slice(0, 2000)}\r\n${hash.slice(2000)}\n`],
    ['UTF-16 from Windows PowerShell', 'hash-utf16.txt', utf16],
    [
      'CSV as the script writes it',
      'one.csv',
      `Device Serial Number,Windows Product ID,Hardware Hash\r\n${device.serialNumber},,${hash}\r\n`,
    ],
    ['a quoted CSV', 'quoted.csv', `"Hardware Hash","Group Tag"\n"${hash}","Kiosk"\n`],
    ['a JSON row', 'one.json', JSON.stringify(row)],
    ['an order of one device', 'order.json', JSON.stringify({ devices: [row] })],
    ['OA3Tool XML with a hash', 'oa3.xml', `<?xml version="1.0"?><Key><HardwareHash>${hash}</HardwareHash></Key>`],
  ])('offline says what can be read of %s, and no value that names the device', async (_, name, content) => {
    const { stdout, stderr, exitCode } = await cli(service, ['match', file(name, content), '--explain', '--offline']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/Form +hardware-hash/);
    expect(stdout).toMatch(/Level +full/);
    expect(stdout).toMatch(/Digest +verified/);
    expect(stdout).toMatch(/Unknown records +0/);
    expect(stdout).toMatch(/SN +serial number +\S\S…\S\S/);
    expect(stdout).toMatch(new RegExp(`MODEL +model +.*${device.product.toLowerCase()}`));
    for (const secret of secrets) expect(stdout.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(service.seen).toEqual([]);
  });

  it('reads an OA3Tool report without a hash, and asks about its tuple', async () => {
    const values = {
      SmbiosSystemManufacturer: 'LENOVO',
      SmbiosSystemProductName: '20XW',
      SmbiosSystemSerialNumber: 'PF-SECRET-1',
    };
    const elements = Object.entries(values).map(([n, v]) => `<p n="${n}" v="${v}"/>`);
    const path = file('report.xml', `<HardwareReport><Hardware>${elements.join('')}</Hardware></HardwareReport>`);
    service.plays(question, answers(200, { ...matched, outcome: 'review' }));
    const { stdout } = await cli(service, ['match', path, '--tenant', tenantId]);
    expect(stdout).toMatch(/Form +oa3-xml/);
    expect(stdout).not.toContain('PF-SECRET-1');
    expect(JSON.parse(service.at(question)[0]!.body)).toEqual({
      manufacturer: 'LENOVO',
      model: '20XW',
      serialNumber: 'PF-SECRET-1',
    });
  });

  it('asks the service once, without a key, and explains its answer', async () => {
    service.plays(question, answers(200, matched));
    const { stdout, exitCode } = await cli(service, ['match', file('a.txt', hash), '--explain', '--tenant', tenantId]);
    expect(exitCode).toBe(0);
    const [seen] = service.at(question);
    expect(JSON.parse(seen!.body)).toEqual({ hardwareIdentifier: hash });
    expect(seen!.headers['idempotency-key']).toBeUndefined();
    expect(stdout).toMatch(/Outcome +match/);
    expect(stdout).toMatch(/Because +The TPM agrees; parts may differ. \(rule A1\)/);
    expect(stdout).toMatch(/DISK +disagree +-4.6 +S4…01 +S4…02 +DISK_DISAGREE/);
    expect(stdout).toMatch(/not of this tenant +review/);
    expect(stdout).toContain(`It would be review (rule V2) if EK were 'disagree' instead of 'agree'.`);
    for (const secret of secrets) expect(stdout.toLowerCase()).not.toContain(secret.toLowerCase());
  });

  it('gives a script the same as JSON', async () => {
    service.plays(question, answers(200, matched));
    const { stdout } = await cli(service, ['match', file('b.txt', hash), '--tenant', tenantId, '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      decoded: { form: 'hardware-hash' },
      answer: { outcome: 'match', rule: 'A1' },
    });
    expect(stdout).not.toContain(hash.slice(100, 140));
  });

  it('passes on what the service refuses', async () => {
    service.plays(question, refuses(403, 'access.denied', 'None of your roles permits this.'));
    const { stderr, exitCode } = await cli(service, ['match', file('c.txt', hash), '--tenant', tenantId]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('access.denied');
  });

  it.each([
    ['no hash at all', 'not.txt', 'these are words, no hash!', 'hash.not-base64'],
    ['a hash that was cut off', 'short.txt', hash.slice(0, 40), 'hash.too-short'],
    ['several rows', 'two.csv', `Hardware Hash\n${hash}\n${hash}\n`, 'holds 2 devices'],
    ['a row that names nothing', 'none.json', '{"groupTag":"Kiosk"}', 'none.json'],
    ['broken JSON', 'broken.json', `{"hardwareIdentifier":"${hash}`, 'is not JSON'],
    ['XML of something else', 'else.xml', '<html><p>hello</p></html>', 'oa3.not-a-report'],
  ])('says what is wrong with %s, and quotes nothing', async (_, name, content, told) => {
    const { stderr, stdout, exitCode } = await cli(service, ['match', file(name, content), '--offline']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(told);
    expect(stdout + stderr).not.toContain(content.slice(0, 25));
  });

  it('cannot be offline and ask a tenant', async () => {
    const { exitCode } = await cli(service, ['match', file('d.txt', hash), '--offline', '--tenant', tenantId]);
    expect(exitCode).toBe(2);
  });
});
