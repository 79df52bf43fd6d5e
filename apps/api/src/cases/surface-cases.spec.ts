import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSealer, partContext } from '@groundcrew/persistence';
import { randomBytes } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

const sealingKey = randomBytes(32);
let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let operator: string;

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_SEALING_KEY: sealingKey.toString('base64') });
});
beforeEach(async () => {
  customer = await aCustomer(api);
  operator = await api.issuer.tokenOf('Operator', customer.tenantId);
});
afterAll(() => api.close());

const invoice = Buffer.from('%PDF-1.7 an invoice');
const asked = {
  domain: 'contoso.example',
  serialNumbers: '012345678901\n012345678902\n',
  proofOfOwnership: { mediaType: 'application/pdf', content: invoice.toString('base64') },
};
const open = (body: object = asked, token = customer.owner) =>
  api.call('POST', `/v1/tenants/${customer.tenantId}/surfaceCases`, { token, body });
const decide = (id: string, how: 'approvals' | 'declines', body?: object) =>
  api.call('POST', `/v1/surfaceCases/${id}/${how}`, { token: operator, ...(body && { body }) });

describe('a case for Surface devices', () => {
  it('is opened by the tenant with its proof sealed, and seen by the tenant and by operators alone', async () => {
    const opened = await open();
    expect(opened).toMatchObject({
      status: 201,
      body: { state: 'requested', serialNumbers: ['012345678901', '012345678902'], operationId: null },
    });
    const { rows } = await api.registry.admin.query<{ sealed: Buffer }>(
      'select sealed from registry.surface_case_proof where case_id = $1',
      [opened.body.id],
    );
    expect(rows[0]!.sealed.includes('invoice')).toBe(false);
    const address = `/v1/surfaceCases/${opened.body.id}`;
    for (const token of [customer.owner, operator]) {
      expect((await api.call('GET', address, { token })).body).toEqual(opened.body);
      const list = await api.call('GET', '/v1/surfaceCases?state=requested&maxpagesize=1', { token });
      expect(list.body.value).toEqual([opened.body]);
    }
    const stranger = await aCustomer(api);
    expect(await api.call('GET', address, { token: stranger.owner })).toMatchObject({
      status: 404,
      body: { code: 'case.not-found' },
    });
    expect((await api.call('GET', '/v1/surfaceCases', { token: stranger.owner })).body.value).toEqual([]);
    expect((await api.call('GET', address, { token: customer.pipeline })).status).toBe(403);
    const proof = await api.call('GET', `${address}/proof`, { token: operator });
    expect([proof.status, proof.headers['content-type'], proof.text]).toEqual([
      200,
      'application/pdf',
      invoice.toString(),
    ]);
    expect((await api.call('GET', `${address}/proof`, { token: customer.owner })).status).toBe(403);
    const read = await api.registry.admin.query(
      `select 1 from registry.audit_event where object = $1 and action = 'case.proof-read'`,
      [`case/${opened.body.id}`],
    );
    expect(read.rows).toHaveLength(1);
  });

  it.each([
    ['a serial number with a blank in it', { serialNumbers: 'A1\nB 2' }, 'case.serials'],
    ['no serial number', { serialNumbers: ' \n' }, 'case.serials'],
    [
      'a screenshot for a proof',
      { proofOfOwnership: { mediaType: 'application/pdf', content: 'iVBORw0KGgo=' } },
      'case.proof',
    ],
    ['no domain', { domain: 'nowhere' }, 'body.invalid'],
  ])('with %s is refused', async (_, differences, code) => {
    expect((await open({ ...asked, ...differences })).body).toMatchObject({ code });
  });

  it('that is approved becomes a run of the tenant, once', async () => {
    const { body: opened } = await open();
    const approved = await decide(opened.id, 'approvals');
    expect(approved).toMatchObject({
      status: 202,
      body: { kind: 'surface_case', tenantId: customer.tenantId, partnerId: null, received: 2 },
    });
    const seen = await api.call('GET', `/v1/surfaceCases/${opened.id}`, { token: customer.owner });
    expect(seen.body).toMatchObject({ state: 'approved', operationId: approved.body.id });
    expect((await api.call('GET', `/v1/operations/${approved.body.id}`, { token: customer.owner })).status).toBe(200);
    const { rows } = await api.registry.admin.query<{ body: Buffer; topic: string }>(
      `select p.body, o.topic from registry.intake_part p join registry.outbox o on o.run_id = p.intake_id where p.intake_id = $1`,
      [approved.body.id],
    );
    expect(rows).toMatchObject([{ topic: 'start_run' }]);
    const text = createSealer(sealingKey).open(rows[0]!.body, partContext(approved.body.id, 1)).toString();
    expect(
      text
        .split('\n')
        .slice(0, 2)
        .map((line) => JSON.parse(line)),
    ).toEqual(
      ['012345678901', '012345678902'].map((serialNumber) => ({ manufacturer: 'Microsoft Corporation', serialNumber })),
    );
    expect(await decide(opened.id, 'approvals')).toMatchObject({ status: 409, body: { code: 'case.decided' } });
    expect(await decide(opened.id, 'declines', { reason: 'x' })).toMatchObject({ status: 409 });
  });

  it('that is declined says why', async () => {
    const { body: opened } = await open();
    expect(await decide(opened.id, 'declines', {})).toMatchObject({ status: 400 });
    expect(await decide(opened.id, 'declines', { reason: 'Another company’s invoice.' })).toMatchObject({
      status: 200,
    });
    const seen = await api.call('GET', `/v1/surfaceCases/${opened.id}`, { token: customer.owner });
    expect(seen.body).toMatchObject({ state: 'declined', reason: 'Another company’s invoice.', operationId: null });
    expect(await decide(opened.id, 'approvals')).toMatchObject({ status: 409 });
  });

  it('is an operator’s to decide, and the operator writes no other runs', async () => {
    const { body: opened } = await open();
    const own = await api.call('POST', `/v1/surfaceCases/${opened.id}/approvals`, { token: customer.owner });
    expect(own).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  });
});
