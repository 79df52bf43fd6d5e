import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let maker: Awaited<ReturnType<typeof aCustomer>>;

beforeAll(async () => {
  api = await startApi();
  maker = await aCustomer(api);
});
afterAll(() => api.close());

const row = JSON.stringify({ manufacturer: 'Fabrikam', model: 'Book', serialNumber: 'S1', hardwareIdentifier: 'AAAA' });
const upload = (by = maker, token = by.pipeline, body = row) =>
  api.call('POST', `/v1/partners/${by.partnerId}/hardwareReports`, {
    token,
    body,
    headers: { 'content-type': 'application/jsonl' },
  });
const onFile = (partnerId: string, serialNumber: string, runId = randomUUID()) =>
  api.registry.admin.query(
    `insert into registry.hardware_on_file (partner_id, id, serial_number, hash_level, device_digest, source_run_id, source_line)
     values ($1, gen_random_uuid(), $2, 'full', gen_random_uuid(), $3, 1)`,
    [partnerId, serialNumber, runId],
  );

describe('a maker’s upload', () => {
  it('is accepted as a run of no tenant, and audited in the maker’s own chain', async () => {
    const { status, body } = await upload();
    expect({
      status,
      kind: body.kind,
      tenantId: body.tenantId,
      partnerId: body.partnerId,
      received: body.received,
    }).toEqual({ status: 202, kind: 'hardware_report', tenantId: null, partnerId: maker.partnerId, received: 1 });
    const { rows } = await api.registry.admin.query(
      `select tenant_id, action from registry.audit_event where object = $1`,
      [`run/${body.id}`],
    );
    expect(rows).toEqual([{ tenant_id: maker.partnerId, action: 'hardware.accepted' }]);
    const read = await api.call('GET', `/v1/operations/${body.id}`, { token: maker.pipeline });
    expect(read.status).toBe(200);
    for (const token of [maker.owner, (await aCustomer(api)).pipeline]) {
      expect((await api.call('GET', `/v1/operations/${body.id}`, { token })).status).toBe(404);
    }
  });

  it.each([
    ['suspended', 'oem', 'partner.suspended'],
    ['ended', 'oem', 'partner.ended'],
    ['active', 'direct_bill', 'partner.not-a-maker'],
  ])('by a partner that is %s and %s is refused with %s', async (state, kind, code) => {
    const other = await aCustomer(api);
    await api.registry.admin.query('update registry.partner set status = $2, kind = $3 where id = $1', [
      other.partnerId,
      state,
      kind,
    ]);
    const { status, body } = await upload(other);
    expect({ status, code: body.code }).toEqual({ status: 403, code });
  });

  it('has to say something', async () => {
    expect((await upload(maker, maker.pipeline, '\n')).body.code).toBe('order.empty');
  });
});

describe('what a maker has on file', () => {
  it('is listed page by page for the maker, and for nobody else', async () => {
    const mine = await aCustomer(api);
    const runId = randomUUID();
    for (const serial of ['A1', 'A2', 'A3']) await onFile(mine.partnerId, serial, runId);
    await onFile(maker.partnerId, 'B1');
    const base = `/v1/partners/${mine.partnerId}/devicesOnFile`;
    const first = await api.call('GET', `${base}?maxpagesize=2`, { token: mine.pipeline });
    expect(first.body.value).toHaveLength(2);
    const rest = await api.call('GET', first.body.nextLink.replace('http://groundcrew.test', ''), {
      token: mine.pipeline,
    });
    const serials = [...first.body.value, ...rest.body.value].map(
      (each: { serialNumber: string }) => each.serialNumber,
    );
    expect(serials.sort()).toEqual(['A1', 'A2', 'A3']);
    expect(rest.body.nextLink).toBeUndefined();
    const one = await api.call('GET', `${base}?serialNumber=A2`, { token: mine.pipeline });
    expect(one.body.value).toHaveLength(1);
    const { id } = one.body.value[0];
    const read = await api.call('GET', `${base}/${id}`, { token: mine.pipeline });
    expect(read.body).toMatchObject({ serialNumber: 'A2', operationId: runId, supersededAt: null });
    expect(
      (await api.call('GET', `/v1/partners/${maker.partnerId}/devicesOnFile/${id}`, { token: maker.pipeline })).body
        .code,
    ).toBe('hardware.not-found');
    const operator = await api.issuer.tokenOf('Operator', randomUUID());
    expect((await api.call('GET', base, { token: operator })).status).toBe(403);
  });
});
