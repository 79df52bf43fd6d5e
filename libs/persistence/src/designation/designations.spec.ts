import { describe, expect, it } from '@jest/globals';
import type { Designation } from '@groundcrew/domain';
import type pg from 'pg';
import { aCandidate, type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { registerChunk } from '../registration/register-chunk.js';
import { removeRegistrations } from '../registration/remove-registrations.js';
import { readDesignations, writeDesignations } from './designations.js';

describe('for whom a device is meant', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let asked: string[];
  registrySuite('worker', 4, (opened) => {
    ({ registry, pool: worker } = opened);
  });

  async function anImport(domains: string[], rows: number) {
    const tenantId = await registry.aTenant();
    await registry.admin.query(
      `insert into registry.tenant_domain (tenant_id, name, added_by) select $1, unnest($2::text[]), 'test'`,
      [tenantId, domains],
    );
    const runId = await registry.anOrder({
      tenantId,
      partnerId: null,
      parts: [Array.from({ length: rows }, () => '{}')],
    });
    return { tenantId, runId, chunk: 1 };
  }
  const designated = (tenantId: string, ids: string[]) =>
    inTenant(worker, tenantId, (client) => readDesignations(askOf(client), tenantId, ids));
  const register = (key: { tenantId: string; runId: string; chunk: number }, rows: (Designation | null)[]) => {
    const candidates = rows.map((designation, index) => aCandidate(index + 1, { designation }));
    return registerChunk(worker, key, { candidates, rejected: [] }, registry.sealer).then(({ awaiting }) => ({
      awaiting,
      ids: candidates.map(({ deviceId }) => deviceId),
    }));
  };

  it('comes along with its row; a user of another domain is a verdict of that row alone', async () => {
    const order = await anImport(['contoso.com'], 4);
    const { awaiting, ids } = await register(order, [
      { assignedUser: 'Ada@Contoso.com', displayName: 'Kiosk-7' },
      { assignedUser: 'eve@fabrikam.com', displayName: null },
      null,
      { assignedUser: null, displayName: 'Desk-1' },
    ]);
    expect(awaiting).toBe(3);
    expect(await designated(order.tenantId, ids)).toEqual(
      new Map([
        [ids[0], { assignedUser: 'Ada@Contoso.com', displayName: 'Kiosk-7' }],
        [ids[3], { assignedUser: null, displayName: 'Desk-1' }],
      ]),
    );
    const { rows } = await registry.admin.query(
      'select line, verdict, detail from registry.run_item where run_id = $1',
      [order.runId],
    );
    expect(rows).toEqual([
      {
        line: 2,
        verdict: 'malformed',
        detail: {
          field: 'assignedUserPrincipalName',
          code: 'user.domain-unknown',
          message: 'fabrikam.com is not a domain of the tenant.',
        },
      },
    ]);
  });

  it('is nobody where the tenant has no domain', async () => {
    const order = await anImport([], 1);
    const { awaiting } = await register(order, [{ assignedUser: 'ada@contoso.com', displayName: null }]);
    expect(awaiting).toBe(0);
  });

  it('costs nothing where no row says it', async () => {
    const order = await anImport(['contoso.com'], 2);
    asked = [];
    const listening = new Proxy(worker, {
      get: (pool, name) => (name === 'connect' ? () => pool.connect().then(listen) : Reflect.get(pool, name)),
    });
    const listen = (client: pg.PoolClient): pg.PoolClient =>
      new Proxy(client, {
        get: (own, name) => {
          const value: unknown = Reflect.get(own, name);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            if (name === 'query') asked.push(JSON.stringify(given[0]));
            return (value as (...args: unknown[]) => unknown).apply(own, given);
          };
        },
      });
    const candidates = [aCandidate(1), aCandidate(2)];
    await registerChunk(listening, order, { candidates, rejected: [] }, registry.sealer);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((sql) => /designation|tenant_domain/.test(sql))).toEqual([]);
  });

  it('is replaced as a set, goes where nothing is left of it, and goes with the registration, which keeps it', async () => {
    const order = await anImport(['contoso.com'], 3);
    const { ids } = await register(order, [{ assignedUser: 'ada@contoso.com', displayName: null }, null, null]);
    await inTenant(worker, order.tenantId, (client) =>
      writeDesignations(askOf(client), order.tenantId, [
        { deviceId: ids[0]!, assignedUser: null, displayName: null },
        { deviceId: ids[1]!, assignedUser: 'bob@contoso.com', displayName: 'B1' },
        { deviceId: ids[2]!, assignedUser: null, displayName: 'C1' },
      ]),
    );
    expect([...(await designated(order.tenantId, ids)).keys()].sort()).toEqual([ids[1], ids[2]].sort());
    const removed = await inTenant(worker, order.tenantId, (client) =>
      removeRegistrations(client, order.tenantId, [ids[1]!]),
    );
    expect(removed[0]!.facts.device_designation).toEqual([
      expect.objectContaining({ assigned_user: 'bob@contoso.com', display_name: 'B1' }),
    ]);
    expect([...(await designated(order.tenantId, ids)).keys()]).toEqual([ids[2]]);
  });

  it('is not seen by another tenant', async () => {
    const order = await anImport(['contoso.com'], 1);
    const { ids } = await register(order, [{ assignedUser: 'ada@contoso.com', displayName: null }]);
    const other = await registry.aTenant();
    const seen = await inTenant(worker, other, (client) => readDesignations(askOf(client), order.tenantId, ids));
    expect(seen.size).toBe(0);
  });
});
