import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseRoles, registerChunk, roleName, type DatabaseRole } from '@groundcrew/persistence';
import { prepareNeighbours } from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../support/database.js';
import { aCandidate, openRegistry, type Registry } from '../support/registry.js';

/** Tables that stand outside row-level security, each with its reason. Everything else has a policy. */
const outside: Record<string, string> = {
  'public.migration': 'the migrations that ran; the owner alone may touch it',
  'registry.identity_claim':
    'crosses tenants by design; no role may touch it, only the claim functions do, and they never say whose',
  'registry.candidate_key': 'crosses tenants by design; no role may touch it, only its functions do',
  'directory.request':
    'the built-in directory is a neighbour: its schema belongs to its own role, in which ours have no rights',
  'directory.device_object': 'the same',
  'management.request': 'the built-in management is a neighbour: the same',
  'management.managed_device': 'the same',
  'management.device_hash': 'the same; it stands for what the devices themselves would answer',
  'management.assigned_user': 'the same',
  'management.managed_user': 'the same',
  'management.on_premises_computer': 'the same',
  'management.registered_device': 'the same',
  'management.sync': 'the same',
  'management.tenant_ownership': 'the same',
  'partner_view.request': 'the built-in partner view is a neighbour: the same',
  'partner_view.entry': 'the same',
  'misbehaviour.rule': 'how neighbours misbehave in demos and tests; theirs alone',
  'misbehaviour.returning': 'the same',
};

describe('isolation in the database', () => {
  let database: ClonedDatabase;
  let registry: Registry;

  beforeAll(async () => {
    database = await cloneDatabase();
    registry = openRegistry(database.adminUrl);
    const neighbours = new pg.Pool({ connectionString: database.urls.neighbours, max: 1 });
    await prepareNeighbours(neighbours);
    await neighbours.end();
  });
  afterAll(async () => {
    await registry.close();
    await database.drop();
  });

  const tables = async () =>
    (
      await registry.admin.query<{ name: string; forced: boolean; policies: number; owner: string }>(
        `select n.nspname || '.' || c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
                (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies, c.relowner::regrole::text as owner
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_temp%'`,
      )
    ).rows;

  it('finds a forced policy on every table, or a line with its reason', async () => {
    const bare = (await tables()).filter(
      ({ name, forced, policies }) => outside[name] === undefined && !(forced && policies > 0),
    );
    expect(bare).toEqual([]);
  });

  it('lets no role of ours read a table that stands outside', async () => {
    for (const { name } of (await tables()).filter((table) => outside[table.name] !== undefined)) {
      const owner = /^(directory|management|partner_view|misbehaviour)\./.test(name) ? 'neighbours' : 'owner';
      for (const role of databaseRoles.filter((each) => each !== owner)) {
        const { rows } = await registry.admin.query('select has_table_privilege($1, $2, $3) as may', [
          roleName(role),
          name,
          'select',
        ]);
        expect({ name, role, may: rows[0].may }).toEqual({ name, role, may: false });
      }
    }
  });

  it('gives nobody the right to bypass policies', async () => {
    const { rows } = await registry.admin.query(
      'select rolname from pg_roles where rolname = any ($1) and (rolbypassrls or rolsuper or rolcreaterole)',
      [databaseRoles.map(roleName)],
    );
    expect(rows).toEqual([]);
  });

  it('keeps neighbours out of the registry and the registry out of the neighbours', async () => {
    await expect(as('neighbours', 'select 1 from registry.device')).rejects.toThrow('permission denied');
    for (const role of ['owner', 'api', 'worker', 'relay', 'operator'] as const) {
      for (const table of ['directory.device_object', 'management.managed_device', 'partner_view.entry'])
        await expect(as(role, `select 1 from ${table}`)).rejects.toThrow('permission denied');
    }
  });

  it('shows a tenant its own rows, another tenant none, and nobody anything without a scope', async () => {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    const runId = await registry.anOrder({ tenantId, partnerId, parts: [['{}']] });
    const worker = new pg.Pool({ connectionString: database.urls.worker, max: 1 });
    await registerChunk(
      worker,
      { runId, tenantId, chunk: 1 },
      { candidates: [aCandidate(1)], rejected: [] },
      registry.sealer,
    );
    await worker.end();

    for (const table of ['device', 'run', 'run_chunk', 'run_event', 'run_step']) {
      const counted = `select count(*)::int as rows from registry.${table}`;
      expect(await as('api', counted, { tenant_id: tenantId })).toBeGreaterThan(0);
      expect(await as('api', counted, { tenant_id: randomUUID() })).toBe(0);
      expect(await as('api', counted)).toBe(0);
    }
    expect(await as('api', 'select count(*)::int as rows from registry.run', { partner_id: partnerId })).toBe(1);
    await expect(as('api', 'select 1 from registry.device_hash', { tenant_id: tenantId })).rejects.toThrow(
      'permission denied',
    );
  });

  it('shows a partner what partners registered for a customer that authorises it, and nothing else of it', async () => {
    const [tenantId, other] = [await registry.aTenant(), await registry.aTenant()];
    const [mine, another] = [await registry.aPartner(), await registry.aPartner()];
    await registry.aConsent(tenantId, mine);
    for (const [owner, kind, registrar] of [
      [tenantId, 'partner', mine],
      [tenantId, 'partner', another],
      [tenantId, 'tenant', tenantId],
      [tenantId, 'automatic', tenantId],
      [other, 'partner', mine],
    ]) {
      await registry.admin.query(
        `insert into registry.device (tenant_id, id, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
         values ($1, gen_random_uuid(), $2, $3, gen_random_uuid(), 1, 'full')`,
        [owner, kind, registrar],
      );
    }
    const seen = () => as('api', 'select count(*)::int as rows from registry.device', { partner_id: mine });
    expect(await seen()).toBe(2);
    for (const [table, column, was, becomes] of [
      ['partner', 'status', 'active', 'suspended'],
      ['consent', 'state', 'granted', 'revoked'],
    ]) {
      const set = (value: string) =>
        registry.admin.query(
          `update registry.${table} set ${column} = $2 where $1 in (${table === 'consent' ? 'partner_id' : 'id'})`,
          [mine, value],
        );
      await set(becomes!);
      expect(await seen()).toBe(0);
      await set(was!);
      expect(await seen()).toBe(2);
    }
  });

  it('lets nobody write into the audit chain of another tenant', async () => {
    const [mine, other] = [await registry.aTenant(), await registry.aTenant()];
    const partnerId = await registry.aPartner();
    await registry.aConsent(mine, partnerId, 'revoked');
    const append = (tenantId: string) =>
      `select registry.append_audit('${tenantId}', 'test', 'test', 'test', '{}', null)::int as rows`;
    for (const role of ['api', 'worker'] as const) {
      expect(await as(role, append(mine), { tenant_id: mine })).toBeGreaterThan(0);
      await expect(as(role, append(other), { tenant_id: mine })).rejects.toThrow('not the chain of the caller');
    }
    expect(await as('api', append(mine), { partner_id: partnerId })).toBeGreaterThan(0);
    await expect(as('api', append(other), { partner_id: partnerId })).rejects.toThrow('not the chain of the caller');
  });

  it('answers a partner about its own authority only', async () => {
    const tenantId = await registry.aTenant();
    const mine = await registry.aPartner();
    const other = await registry.aPartner();
    const ask = `select 1 as rows from registry.lock_registration_authority('${other}', '${tenantId}')`;
    await expect(as('api', ask, { partner_id: mine })).rejects.toThrow('asks for itself only');
  });

  async function as(role: DatabaseRole, sql: string, scope: Record<string, string> = {}): Promise<number> {
    const client = new pg.Client({ connectionString: database.urls[role] });
    await client.connect();
    try {
      await client.query('begin');
      for (const [name, value] of Object.entries(scope))
        await client.query('select set_config($1, $2, true)', [`groundcrew.${name}`, value]);
      const { rows } = await client.query(sql);
      await client.query('commit');
      return rows[0]?.rows ?? 0;
    } finally {
      await client.end();
    }
  }
});
