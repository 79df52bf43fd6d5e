import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { permissionsOf, roles, type Role } from '@groundcrew/domain';
import { randomUUID } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';
import { controllers } from '../api.module.js';
import { capacityOf } from '../identity/caller.js';
import { operationsOf } from '../openapi/document.js';
import type { OperationSpec } from './operation.js';

const operations = operationsOf(controllers);
const closed = operations.filter((spec) => spec.permission !== 'public');
const tokenRole: Record<Role, string> = {
  tenant_owner: 'Tenant.Owner',
  device_administrator: 'Device.Administrator',
  school_administrator: 'School.Administrator',
  help_desk: 'HelpDesk',
  reader: 'Reader',
  auditor: 'Auditor',
  oem_pipeline: 'Oem.Pipeline',
  partner: 'Partner',
  operator: 'Operator',
};

let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let other: Awaited<ReturnType<typeof aCustomer>>;
let token: Record<Role, string>;

beforeAll(async () => {
  api = await startApi();
  customer = await aCustomer(api);
  other = await aCustomer(api);
  // A school has every role that there is.
  await api.registry.admin.query(`update registry.tenant set kind = 'school' where id = $1`, [customer.tenantId]);
  token = Object.fromEntries(
    await Promise.all(
      roles.map(async (role) => {
        const tid = capacityOf[role] === 'partner' ? customer.directoryTenantId : customer.tenantId;
        return [role, await api.issuer.tokenOf(tokenRole[role], tid)] as const;
      }),
    ),
  ) as Record<Role, string>;
});
afterAll(() => api.close());

/** An address of the operation, with ids that nobody has where none are given. */
function addressOf(spec: OperationSpec, ids: Record<string, string> = {}): string {
  return spec.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? randomUUID());
}

describe('every route', () => {
  it('is an operation that declares its permission', () => {
    const served = api.application
      .getHttpAdapter()
      .getInstance()
      .printRoutes({ commonPrefix: false })
      .split('\n')
      .flatMap((line) => {
        const route = /(\/\S*) \(([A-Z, ]+)\)/.exec(line);
        return route === null ? [] : route[2]!.split(', ').map((method) => ({ method, path: route[1]! }));
      })
      .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS');
    const leaves = operations.map(({ method, path }) => `${method} ${path}`);
    expect(served.length).toBe(leaves.length);
    expect(new Set(operations.map((spec) => spec.id)).size).toBe(operations.length);
    for (const spec of operations) expect(spec.permission).toBeTruthy();
  });

  it.each(closed.map((spec) => [`${spec.method} ${spec.path}`, spec] as const))('%s wants a token', async (_, spec) => {
    const { status, body, headers } = await api.call(spec.method, addressOf(spec));
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'token.missing' });
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  it.each(closed.flatMap((spec) => roles.map((role) => [`${spec.method} ${spec.path}`, role, spec] as const)))(
    '%s is open to %s just as the permission table says',
    async (_, role, spec) => {
      const { status, body } = await api.call(spec.method, addressOf(spec, customer), {
        token: token[role],
        key: null,
        headers: { 'last-event-id': 'nonsense' },
      });
      const permitted = permissionsOf[role].includes(spec.permission as never);
      expect({ denied: status === 403, code: status === 403 ? body.code : null }).toEqual(
        permitted
          ? { denied: false, code: null }
          : { denied: true, code: spec.permission === 'consent.decide' ? 'consent.needs-owner' : 'access.denied' },
      );
    },
  );

  it.each(
    closed
      .filter((spec) => /\{(tenantId|partnerId)\}/.test(spec.path))
      .map((spec) => [`${spec.method} ${spec.path}`, spec] as const),
  )("%s does not know somebody else's tenant or partner", async (_, spec) => {
    const role = roles.find(
      (candidate) =>
        permissionsOf[candidate].includes(spec.permission as never) &&
        (capacityOf[candidate] !== 'operator' ||
          spec.permission === 'partner.write' ||
          spec.permission === 'tenant.write'),
    )!;
    const ids = capacityOf[role] === 'operator' ? {} : other;
    const { status, body } = await api.call(spec.method, addressOf(spec, ids as Record<string, string>), {
      token: token[role],
      headers: { 'if-match': '"1"' },
      ...(spec.body !== undefined && {
        body: spec.permission === 'tenant.write' ? { state: 'offboarded' } : { status: 'active' },
      }),
    });
    expect(status).toBe(404);
    expect(['tenant.not-found', 'partner.not-found']).toContain(body.code);
  });
});

describe('an address', () => {
  it('that holds no id is nobody’s', async () => {
    const { status, body } = await api.call('GET', '/v1/operations/12', { token: token.operator });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'operation.not-found' });
  });

  it('that nobody serves is a problem, too', async () => {
    const { status, body, headers } = await api.call('GET', '/v1/nothing');
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'route.not-found' });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body.traceId).toBe(headers['x-request-id']);
  });

  it.each(['?colour=red', '?maxpagesize=0', '?maxpagesize=lots', '?continuation=bm9uc2Vuc2U', '?serialNumber[ge]=A'])(
    'with the parameter %s is refused',
    async (query) => {
      const { status, body } = await api.call('GET', `/v1/tenants/${customer.tenantId}/devices${query}`, {
        token: customer.owner,
      });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'parameter.invalid' });
      expect(body.errors).toHaveLength(1);
    },
  );
});
