import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSealer, partContext, sweepAbandoned } from '@groundcrew/persistence';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

const sealingKey = randomBytes(32);
let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let administrator: string;

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_SEALING_KEY: sealingKey.toString('base64') });
  customer = await aCustomer(api);
  administrator = await api.issuer.tokenOf('Device.Administrator', customer.tenantId);
});
afterAll(() => api.close());

const digestOf = (text: string) => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
const opened = async (body: object = { format: 'csv' }, token = administrator) =>
  (await api.call('POST', `/v1/tenants/${customer.tenantId}/uploads`, { token, body })).body.id as string;
const put = (id: string, number: number, body: string, digest: string | null = digestOf(body), token = administrator) =>
  api.call('PUT', `/v1/uploads/${id}/parts/${number}`, {
    token,
    body,
    key: null,
    headers: { 'content-type': 'application/octet-stream', ...(digest !== null && { 'content-digest': digest }) },
  });
const commit = (id: string, body: object, more: { key?: string; token?: string } = {}) =>
  api.call('POST', `/v1/uploads/${id}/commits`, { token: administrator, body, ...more });
const get = (path: string, token = administrator) => api.call('GET', path, { token });

const pieces = ['Serial Number,Hardware Hash\nS1,T0', 'Ev\nS2,T0Ev\nS3', ',T0Ev\n'];
const whole = pieces.join('');

async function keptOf(runId: string): Promise<string> {
  const { rows } = await api.registry.admin.query<{ number: number; body: Buffer }>(
    'select number, body from registry.intake_part where intake_id = $1 order by number',
    [runId],
  );
  const sealer = createSealer(sealingKey);
  return rows.map(({ number, body }) => sealer.open(body, partContext(runId, number)).toString()).join('');
}

describe('a file in parts', () => {
  it('becomes what it would be in one piece, in whatever order its parts come, some of them twice', async () => {
    const id = await opened({ format: 'csv', groupTag: 'Kiosk', validateOnly: true });
    for (const number of [3, 1, 2, 1]) expect((await put(id, number, pieces[number - 1]!)).status).toBe(200);
    expect((await put(id, 2, 'another part')).status).toBe(200);
    expect((await put(id, 2, pieces[1]!)).status).toBe(200);
    expect((await get(`/v1/uploads/${id}`)).body).toMatchObject({ state: 'open', parts: 3, bytes: whole.length });
    const { body: first } = await get(`/v1/uploads/${id}/parts?maxpagesize=2`);
    expect(first.value).toEqual(
      [1, 2].map((number) => ({ number, bytes: pieces[number - 1]!.length, digest: digestOf(pieces[number - 1]!) })),
    );
    expect(first.nextLink).toBeDefined();

    const key = randomUUID();
    const committed = await commit(id, { parts: 3, digest: digestOf(whole) }, { key });
    expect(committed).toMatchObject({ status: 202, body: { kind: 'import', received: 3, validateOnly: true } });
    expect(await keptOf(committed.body.id)).toBe(whole.split('\n').slice(1).join('\n'));
    const { rows } = await api.registry.admin.query('select body_digest, defaults from registry.run where id = $1', [
      committed.body.id,
    ]);
    expect(rows).toEqual([
      { body_digest: createHash('sha256').update(whole).digest(), defaults: { groupTag: 'Kiosk' } },
    ]);
    expect((await get(`/v1/uploads/${id}`)).body).toMatchObject({
      state: 'committed',
      parts: 0,
      operationId: committed.body.id,
    });

    expect((await commit(id, { parts: 3, digest: digestOf(whole) }, { key })).body.id).toBe(committed.body.id);
    expect(await commit(id, { parts: 3 })).toMatchObject({ status: 409, body: { code: 'upload.committed' } });
    expect(await put(id, 1, pieces[0]!)).toMatchObject({ status: 409, body: { code: 'upload.committed' } });
  });

  it('may be a partner’s order', async () => {
    const open = await api.call('POST', `/v1/partners/${customer.partnerId}/uploads`, {
      token: customer.pipeline,
      body: { tenantId: customer.tenantId, format: 'jsonl', purchaseOrderIdentifier: 'PO-1' },
    });
    expect(open).toMatchObject({ status: 201, body: { partnerId: customer.partnerId, state: 'open' } });
    await put(open.body.id, 1, '{"hardwareIdentifier":"T0Ev"}\n', undefined, customer.pipeline);
    const order = await commit(open.body.id, { parts: 1 }, { token: customer.pipeline });
    expect(order).toMatchObject({ status: 202, body: { kind: 'registration_order', received: 1 } });
    expect(order.body.orderId).not.toBeNull();
  });

  it('is refused whose part is not what its digest says, and the part that was there stays', async () => {
    const id = await opened();
    await put(id, 1, pieces[0]!);
    expect(await put(id, 1, 'cut of', digestOf('cut off'))).toMatchObject({
      status: 400,
      body: { code: 'body.digest-mismatch' },
    });
    expect(await put(id, 2, 'x', null)).toMatchObject({ status: 400, body: { code: 'upload.digest-missing' } });
    expect((await get(`/v1/uploads/${id}/parts`)).body.value).toMatchObject([
      { number: 1, digest: digestOf(pieces[0]!) },
    ]);
    expect(await commit(id, { parts: 1, digest: digestOf('other') })).toMatchObject({ status: 400 });
  });

  it('is refused at once where its hashes cannot have been captured as is declared, and keeps what the devices run', async () => {
    const refused = await api.call('POST', `/v1/tenants/${customer.tenantId}/uploads`, {
      token: administrator,
      body: { format: 'csv', osFamily: 'windows_11_se', capturedBy: 'powershell' },
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'capture.not-on-windows-11-se' } });
    expect(refused.body.detail).toMatch(/OEM, a partner or a reseller/);

    const id = await opened({ format: 'csv', osFamily: 'windows_11_se', capturedBy: 'manual' });
    await put(id, 1, 'Hardware Hash\nT0Ev\n');
    const { body } = await commit(id, { parts: 1 });
    const { rows } = await api.registry.admin.query('select defaults from registry.run where id = $1', [body.id]);
    expect(rows).toEqual([{ defaults: { osFamily: 'windows_11_se' } }]);
  });

  it('is not committed while parts are missing, and the refusal names them', async () => {
    const id = await opened();
    await put(id, 2, pieces[1]!);
    const refused = await commit(id, { parts: 3 });
    expect(refused).toMatchObject({ status: 409, body: { code: 'upload.parts-differ' } });
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['parts/1', 'parts/3']);
    expect(await commit(id, { parts: 1 })).toMatchObject({ status: 409 });
    await put(id, 1, pieces[0]!);
    await put(id, 3, pieces[2]!);
    expect((await commit(id, { parts: 3 })).status).toBe(202);
  });

  it('that could be read in two ways leaves nothing behind but its parts', async () => {
    const id = await opened();
    await put(id, 1, 'Colour\nred\n');
    expect(await commit(id, { parts: 1 })).toMatchObject({ status: 400, body: { code: 'order.csv-header' } });
    const { rows } = await api.registry.admin.query('select 1 from registry.intake where not accepted');
    expect(rows).toEqual([]);
    expect((await get(`/v1/uploads/${id}`)).body).toMatchObject({ state: 'open', parts: 1 });
  });

  it('is its sender’s alone, lies sealed, and is swept when its time is over', async () => {
    const id = await opened();
    await put(id, 1, 'READABLE');
    const colleague = await api.issuer.tokenOf('Tenant.Owner', customer.tenantId, randomUUID());
    for (const token of [colleague, customer.pipeline.slice()]) {
      const seen = await get(
        `/v1/uploads/${id}`,
        token === customer.pipeline ? (await aCustomer(api)).pipeline : token,
      );
      expect(seen).toMatchObject({ status: 404, body: { code: 'upload.not-found' } });
    }
    expect((await put(id, 1, 'x', undefined, colleague)).status).toBe(404);
    const { rows } = await api.registry.admin.query<{ sealed: Buffer }>(
      'select sealed from registry.upload_part where upload_id = $1',
      [id],
    );
    expect(rows[0]!.sealed.includes('READABLE')).toBe(false);

    await api.registry.admin.query(`update registry.upload set expires_at = now() where id = $1`, [id]);
    expect((await put(id, 2, 'late')).status).toBe(404);
    const relay = new pg.Pool({ connectionString: api.database.urls.relay, max: 1 });
    await sweepAbandoned(relay);
    await relay.end();
    const left = await api.registry.admin.query('select 1 from registry.upload_part where upload_id = $1', [id]);
    expect(left.rows).toEqual([]);
  });
});
