import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSealer, sealSnapshot } from '@groundcrew/persistence';
import { decodeHardwareHash, evidenceKeys, EVIDENCE_KINDS, toSnapshot } from '@groundcrew/matching';
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';
import { aDevice, digests, hashOf, identityKey, register, workshop } from '../../../../test/support/hardware.js';
import { openRegistry, type Registry } from '../../../../test/support/registry.js';

let api: TestApi;
let registry: Registry;
let worker: pg.Pool;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let other: Awaited<ReturnType<typeof aCustomer>>;

const notebook = aDevice(
  701,
  ({ board, radio, model }) =>
    board.tpm !== null && board.lanMac !== '' && radio?.soldered === false && model.vendor === 'lenovo',
);
let deviceId: string;

beforeAll(async () => {
  const sealingKey = randomBytes(32);
  api = await startApi({
    GROUNDCREW_SEALING_KEY: sealingKey.toString('base64'),
    GROUNDCREW_IDENTITY_KEY: identityKey.toString('base64'),
  });
  registry = openRegistry(api.database.adminUrl, createSealer(sealingKey));
  worker = new pg.Pool({ connectionString: api.database.urls.worker, max: 2 });
  customer = await aCustomer(api);
  other = await aCustomer(api);
  const [registered] = await register(worker, registry, customer, [hashOf(notebook)]);
  deviceId = registered!.deviceId!;
});
afterAll(async () => {
  await worker.end();
  await registry.close();
  await api.close();
});

const ask = (body: unknown, who = customer) =>
  api.call('POST', `/v1/tenants/${who.tenantId}/devices/match`, { token: who.owner, body, key: null });
const askHash = (hardwareIdentifier: string, who = customer) => ask({ hardwareIdentifier }, who);

describe('a hash of a registered device', () => {
  it('matches after disk, memory and Wi-Fi were replaced, and says why', async () => {
    const repaired = workshop.newDisk(workshop.newMemory(workshop.newRadio(notebook)));
    const { status, body } = await askHash(hashOf(repaired, 1_790_000_000));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: 'match',
      deviceId,
      rule: 'A1',
      decoded: { form: 'hardware-hash', level: 'full' },
    });
    const [candidate] = body.candidates;
    expect(candidate).toMatchObject({ elsewhere: false, deviceId, outcome: 'match', cap: null });
    expect(candidate.agree).toEqual(expect.arrayContaining(['EK', 'UUID', 'LAN', 'SN']));
    expect(candidate.disagree).toEqual(expect.arrayContaining(['DISK', 'RADIO']));
    expect(candidate.flip).toMatchObject({ outcome: expect.not.stringMatching(/^match$/) });
    const disk = candidate.groups.find(({ group }: { group: string }) => group === 'DISK');
    expect(disk).toMatchObject({
      state: 'disagree',
      reason: 'DISK_DISAGREE',
      observed: [expect.stringContaining('…')],
    });
  });

  it('does not match once its board was replaced, even with the serial number written back', async () => {
    const { body } = await askHash(hashOf(workshop.newBoard(notebook)));
    expect(body).toMatchObject({ outcome: 'no_match', deviceId: null, rule: 'V1' });
    expect(body.candidates[0]).toMatchObject({ deviceId, outcome: 'no_match' });
    expect(body.candidates[0].agree).toContain('SN');
  });

  it('is asked about by its tuple, and a name alone goes to a person', async () => {
    const { manufacturer, product: model, serialNumber } = notebook;
    const { body } = await ask({ manufacturer, model, serialNumber });
    expect(body).toMatchObject({ outcome: 'review', deviceId, decoded: { form: 'tuple', level: 'opaque' } });
  });

  it('is asked about by its product key', async () => {
    const { body } = await ask({ productKey: notebook.board.productKeyId, serialNumber: notebook.serialNumber });
    expect(body).toMatchObject({ outcome: 'review', deviceId, decoded: { form: 'product-key' } });
  });

  it('never brings a value back that names the device', async () => {
    const hash = hashOf(workshop.newDisk(notebook));
    const { text } = await askHash(hash);
    const secrets = [
      notebook.serialNumber,
      notebook.board.uuid,
      notebook.board.lanMac,
      notebook.board.productKeyId,
      notebook.radio!.wireless,
    ];
    for (const secret of [...secrets, ...notebook.disk.ids])
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    for (let at = 0; at + 24 < hash.length; at += 24) expect(text).not.toContain(hash.slice(at, at + 24));
  });
});

describe("somebody else's device", () => {
  it('is only said to be elsewhere', async () => {
    const { body, text } = await askHash(hashOf(notebook), other);
    expect(body).toMatchObject({ outcome: 'match', deviceId: null, rule: null, margin: null });
    expect(body.candidates).toEqual([{ elsewhere: true, outcome: 'match' }]);
    for (const secret of [deviceId, customer.tenantId]) expect(text).not.toContain(secret);
  });

  it('is not spoken of where only its parts are seen', async () => {
    const stranger = aDevice(702, ({ board, model }) => board.tpm !== null && model.vendor === 'hp');
    const { body } = await askHash(hashOf({ ...stranger, disk: notebook.disk }), other);
    const unknown = await askHash(hashOf(aDevice(703, ({ model }) => model.vendor === 'hp')), other);
    expect(body).toMatchObject({ outcome: 'no_match', candidates: [], partSeenBefore: false });
    expect([body.rule, body.says]).toEqual([unknown.body.rule, unknown.body.says]);
  });
});

describe('a value that many devices share', () => {
  const twin = aDevice(
    704,
    ({ board, model, radio }) =>
      board.tpm === null && board.lanMac !== '' && radio !== null && model.vendor === 'white-box',
  );
  const holders = 25;

  beforeAll(async () => {
    const decoded = decodeHardwareHash(hashOf(twin), digests);
    if (!decoded.ok) throw new Error('the hash cannot be read');
    const snapshot = toSnapshot(decoded.value.report!);
    const shared = evidenceKeys(snapshot, digests).find(({ kind }) => kind === 'wireless')!;
    const ids = Array.from({ length: holders }, () => randomUUID());
    for (const id of ids) {
      await registry.admin.query(
        'insert into registry.device_snapshot (device_id, tenant_id, enrolled) values ($1, $2, $3)',
        [id, customer.tenantId, sealSnapshot(registry.sealer, id, snapshot)],
      );
    }
    await registry.admin.query(
      'insert into registry.candidate_key (key, kind, device_id) select $1, $2, unnest($3::uuid[])',
      [shared.key.toString(), EVIDENCE_KINDS[shared.kind], ids],
    );
  });

  it('brings none of them', async () => {
    const { body } = await askHash(hashOf(twin));
    expect(body).toMatchObject({ outcome: 'no_match', candidates: [] });
  });
});

describe('a question that cannot be answered', () => {
  it.each([
    ['hash.empty', ''],
    ['hash.not-base64', '#'.repeat(200)],
    ['hash.too-short', 'T0E='],
    ['hash.too-long', 'A'.repeat(30_000)],
    ['hash.malformed', Buffer.concat([Buffer.from('OA'), Buffer.alloc(90, 255)]).toString('base64')],
  ])('is refused: %s', async (code, text) => {
    const { status, body } = await askHash(text);
    expect({ status, code: body.code }).toEqual({ status: 422, code });
    expect(JSON.stringify(body)).not.toContain(text.slice(0, 40) || '\u0000');
  });

  it('holds a form that nobody knows', async () => {
    const { status, body } = await askHash(randomBytes(200).fill(90, 0, 2).toString('base64'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: 'no_match',
      rule: null,
      decoded: { form: 'unknown', level: 'opaque', groups: [] },
    });
  });

  it.each([
    [{}],
    [{ serialNumber: 'S1' }],
    [{ hardwareIdentifier: 'x', serialNumber: 'S1' }],
    [{ manufacturer: 'A', model: '', serialNumber: 'S' }],
    [[]],
  ])('has another form: %j', async (body) => {
    const answer = await ask(body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'body.invalid' });
  });

  it('comes from somebody who may not ask, or about a tenant that is not his', async () => {
    const reader = await api.issuer.tokenOf('Reader', customer.tenantId);
    const path = `/v1/tenants/${customer.tenantId}/devices/match`;
    const denied = await api.call('POST', path, { token: reader, body: { productKey: 'x' }, key: null });
    expect({ status: denied.status, code: denied.body.code }).toEqual({ status: 403, code: 'access.denied' });
    const foreign = await api.call('POST', path, { token: other.owner, body: { productKey: 'x' }, key: null });
    expect({ status: foreign.status, code: foreign.body.code }).toEqual({ status: 404, code: 'tenant.not-found' });
  });
});
