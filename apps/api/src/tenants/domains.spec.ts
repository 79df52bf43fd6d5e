import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

describe('the domains of a tenant', () => {
  let api: TestApi;
  let customer: Awaited<ReturnType<typeof aCustomer>>;
  beforeAll(async () => {
    api = await startApi();
    customer = await aCustomer(api);
  });
  afterAll(() => api.close());

  const add = (name: string, token = customer.owner) =>
    api.call('POST', `/v1/tenants/${customer.tenantId}/domains`, { token, body: { name } });

  it('are added by its owner, written in small letters, once', async () => {
    const added = await add(' Contoso.COM ');
    expect(added).toMatchObject({ status: 201, body: { name: 'contoso.com' } });
    expect(await add('contoso.com')).toMatchObject({ status: 409, body: { code: 'domain.exists' } });
    expect((await add('contoso')).status).toBe(400);
    const { rows } = await api.registry.admin.query(
      `select action, data from registry.audit_event where tenant_id = $1 and action = 'domain.added'`,
      [customer.tenantId],
    );
    expect(rows).toEqual([{ action: 'domain.added', data: { name: 'contoso.com' } }]);
  });

  it('are listed page by page', async () => {
    await add('b.example');
    const list = (query: string) =>
      api.call('GET', `/v1/tenants/${customer.tenantId}/domains${query}`, { token: customer.owner });
    const first = await list('?maxpagesize=1');
    expect(first.body.value).toMatchObject([{ name: 'b.example' }]);
    const second = await list(new URL(first.body.nextLink).search);
    expect(second.body.value).toMatchObject([{ name: 'contoso.com' }]);
    expect(second.body.nextLink).toBeUndefined();
  });
});
