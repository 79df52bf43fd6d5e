import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidV7 } from '@groundcrew/persistence';
import { randomUUID } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

describe('orphans', () => {
  let api: TestApi;
  let customer: Awaited<ReturnType<typeof aCustomer>>;
  beforeAll(async () => {
    api = await startApi();
    customer = await aCustomer(api);
  });
  afterAll(() => api.close());

  const scan = (body: object = {}, key?: string) =>
    api.call('POST', `/v1/tenants/${customer.tenantId}/orphanScans`, {
      token: customer.owner,
      body,
      ...(key !== undefined && { key }),
    });
  const list = (query = '') =>
    api.call('GET', `/v1/tenants/${customer.tenantId}/orphans${query}`, { token: customer.owner });

  it('are looked for by a run, one at a time', async () => {
    const key = randomUUID();
    const first = await scan({ repair: ['object_without_registration'] }, key);
    expect(first).toMatchObject({ status: 202, body: { kind: 'orphan_scan', status: 'NotStarted' } });
    expect((await scan({ repair: ['object_without_registration'] }, key)).body.id).toBe(first.body.id);
    expect((await scan()).body.id).toBe(first.body.id);
    const { rows } = await api.registry.admin.query(
      `select r.defaults, (select count(*)::int from registry.outbox o where o.run_id = r.id) as messages,
              (select count(*)::int from registry.audit_event a where a.object = 'run/' || r.id) as audited
       from registry.run r where r.tenant_id = $1`,
      [customer.tenantId],
    );
    expect(rows).toEqual([{ defaults: { repair: ['object_without_registration'] }, messages: 1, audited: 1 }]);
  });

  it('cannot be repaired by a scan where that would lose something', async () => {
    expect(await scan({ repair: ['management_without_registration'] })).toMatchObject({ status: 400 });
  });

  it('are listed with evidence and with what repairs them, the resolved ones apart', async () => {
    const { id: runId } = (await scan()).body;
    const finding = (orphan: string, resolved: boolean) =>
      api.registry.admin.query(
        `insert into registry.orphan_finding (tenant_id, id, class, subject, serial_number, evidence, seen_by_run, resolved_at)
         values ($1, $2, $3, $4, 'SN-1', '{"registration": "not registered"}', $5, $6)`,
        [customer.tenantId, uuidV7(Date.now()), orphan, randomUUID(), runId, resolved ? new Date() : null],
      );
    await finding('object_without_registration', false);
    await finding('management_without_object', false);
    await finding('registration_untagged', true);

    const first = await list('?maxpagesize=1');
    expect(first.body.value).toEqual([
      expect.objectContaining({
        class: 'object_without_registration',
        serialNumber: 'SN-1',
        evidence: { registration: 'not registered' },
        proposal: { run: 'repair', sentence: expect.stringContaining('Release') },
        operationId: runId,
        resolvedAt: null,
      }),
    ]);
    const next = await list(first.body.nextLink.slice(first.body.nextLink.indexOf('?')));
    expect(next.body.value.map((orphan: { class: string }) => orphan.class)).toEqual(['management_without_object']);
    expect(next.body.nextLink).toBeUndefined();
    expect((await list('?class=management_without_object')).body.value).toHaveLength(1);
    expect((await list('?resolved=true')).body.value).toMatchObject([{ class: 'registration_untagged' }]);

    const other = await aCustomer(api);
    expect((await api.call('GET', `/v1/tenants/${other.tenantId}/orphans`, { token: other.owner })).body.value).toEqual(
      [],
    );
  });
});
