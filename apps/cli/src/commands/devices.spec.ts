import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers } from '../testing/scripted-service.js';

const id = '55555555-5555-4555-8555-555555555555';
const path = `/v1/tenants/${tenantId}/devices/${id}`;
const at = ['--tenant', tenantId];
const aDevice = {
  id,
  tenantId,
  serialNumber: 'S1',
  manufacturer: 'Fabrikam',
  model: 'Book 5',
  productKey: null,
  ownership: 'company_owned',
  groupTag: 'Kiosk',
  purchaseOrderIdentifier: null,
  assignedUserPrincipalName: 'ada@contoso.com',
  displayName: 'Kiosk-7',
  registration: {
    state: 'registered',
    registeredAt: '2026-11-21T00:00:00Z',
    registrar: 'tenant',
    operationId: 'run-1',
    line: 3,
  },
  firstSeenAt: null,
  directory: { state: 'observed', objectId: 'object-1', observedAt: '2026-11-21T00:00:01Z' },
  profile: { state: 'assigned' },
  etag: '"3.observed.77"',
};

describe('a device through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  it('is shown with whom it is meant for', async () => {
    service.plays(`GET ${path}`, answers(200, aDevice));
    const { stdout } = await cli(service, ['devices', 'show', id, ...at]);
    expect(stdout).toMatch(/Assigned user\s+ada@contoso\.com[^]*Display name\s+Kiosk-7[^]*run-1 line 3[^]*object-1/);
    const json = await cli(service, ['devices', 'show', id, ...at, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toEqual(aDevice);
  });

  it('is changed in what is named, under the version that it has', async () => {
    service.plays(`GET ${path}`, answers(200, aDevice));
    service.plays(`PATCH ${path}`, answers(200, { ...aDevice, groupTag: 'Desk', operationId: 'run-2' }));
    const { stdout } = await cli(service, ['devices', 'set', id, ...at, '--group-tag', 'Desk', '--unassign-user']);
    expect(stdout).toMatch(/Group tag\s+Desk[^]*Run\s+run-2/);
    expect(service.at(`PATCH ${path}`)[0]).toMatchObject({
      headers: { 'if-match': '"3.observed.77"' },
      body: '{"groupTag":"Desk","assignedUserPrincipalName":null}',
    });
    expect((await cli(service, ['devices', 'set', id, ...at])).exitCode).toBe(2);
  });
});

describe('the orders of a partner through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(() => service.start());
  afterEach(() => service.stop());

  it('are listed by the name of a list', async () => {
    const orders = `/v1/partners/${id}/orders`;
    const order = {
      id: 'order-1',
      tenantId,
      partnerId: id,
      purchaseOrderIdentifier: null,
      batchId: 'Spring',
      createdAt: '2026-11-21T00:00:00Z',
      operations: ['run-1', 'run-2'],
    };
    service.plays(`GET ${orders}`, answers(200, { value: [order] }));
    const { stdout } = await cli(service, ['orders', 'list', '--partner', id, '--batch', 'Spring']);
    expect(stdout).toMatch(/order-1\s+.*Spring.*\s2\s*$/m);
    expect(service.at(`GET ${orders}`)[0]!.query).toMatchObject({ batchId: 'Spring' });
  });
});

describe('the domains of a tenant through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(() => service.start());
  afterEach(() => service.stop());

  it('are added and listed', async () => {
    const domain = { name: 'contoso.com', addedAt: '2026-11-21T00:00:00Z' };
    service.plays(`POST /v1/tenants/${tenantId}/domains`, answers(201, domain));
    service.plays(`GET /v1/tenants/${tenantId}/domains`, answers(200, { value: [domain] }));
    const added = await cli(service, ['tenants', 'add-domain', 'contoso.com', ...at]);
    expect(added.stdout).toMatch(/Domain\s+contoso\.com/);
    expect(JSON.parse(service.at(`POST /v1/tenants/${tenantId}/domains`)[0]!.body)).toEqual({ name: 'contoso.com' });
    expect((await cli(service, ['tenants', 'domains', ...at])).stdout).toMatch(/contoso\.com/);
  });
});
