import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EvidenceKey, EvidenceKind, Snapshot } from '@groundcrew/matching';
import { EVIDENCE_KINDS, HOT_KEY_HOLDERS, reportFromTuple, toSnapshot } from '@groundcrew/matching';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { findCandidates, mostCandidates, sealSnapshot, type FoundCandidate } from './candidate-index.js';
import { gatherKeys } from './report-keys.js';

/** A node of a plan, as EXPLAIN writes it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  Plans?: PlanNode[];
}

describe('the candidate index', () => {
  let registry: Registry;
  let worker: pg.Pool;
  let tenantId: string;
  let next = 1_000n;
  const snapshot: Snapshot = toSnapshot(
    reportFromTuple({ manufacturer: 'Contoso', model: 'Book', serialNumber: 'S-1234567' }),
  );

  registrySuite('worker', 2, (opened) => ({ registry, pool: worker } = opened));
  beforeAll(async () => {
    tenantId = await registry.aTenant();
  });

  const aKey = (kind: EvidenceKind = 'lan'): EvidenceKey => ({ kind, key: (next += 1n) });
  async function devicesWith(keys: EvidenceKey[], count = 1, owner = tenantId): Promise<string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) {
      await registry.admin.query(
        'insert into registry.device_snapshot (device_id, tenant_id, enrolled) values ($1, $2, $3)',
        [id, owner, sealSnapshot(registry.sealer, id, snapshot)],
      );
    }
    for (const { key, kind } of keys) {
      await registry.admin.query(
        'insert into registry.candidate_key (key, kind, device_id) select $1, $2, unnest($3::uuid[])',
        [key.toString(), EVIDENCE_KINDS[kind], ids],
      );
    }
    return ids;
  }
  const find = (keys: EvidenceKey[], owner = tenantId): Promise<FoundCandidate[]> =>
    inTenant(worker, owner, async (client) => {
      const ask = async <Row>(sql: string, values: readonly unknown[]) =>
        (await client.query(sql, [...values])).rows as Row[];
      return (await findCandidates(ask, registry.sealer, gatherKeys([[7, keys]]))).get(7) ?? [];
    });

  it('finds a device of any tenant and says only that it is elsewhere', async () => {
    const key = aKey();
    const [deviceId] = await devicesWith([key]);
    expect(await find([key, aKey()])).toMatchObject([
      { deviceId, elsewhere: false, enrolled: snapshot, confirmed: snapshot },
    ]);
    const stranger = await registry.aTenant();
    expect(await find([key], stranger)).toMatchObject([{ deviceId, elsewhere: true }]);
  });

  it('counts who else shows a value, anywhere and in one tenant', async () => {
    const key = aKey('uuid');
    await devicesWith([key], 2);
    await devicesWith([key], 3, await registry.aTenant());
    const found = await find([key]);
    expect(found).toHaveLength(5);
    for (const { shared } of found)
      expect(shared).toEqual([{ kind: 'uuid', holders: { anywhere: 5, inOneTenant: 3 } }]);
  });

  it('lets a value speak while as many as may share it do, and no longer', async () => {
    const [warm, hot] = [aKey('wireless'), aKey('wireless')];
    await devicesWith([warm], HOT_KEY_HOLDERS);
    await devicesWith([hot], HOT_KEY_HOLDERS + 1);
    expect(await find([warm])).toHaveLength(HOT_KEY_HOLDERS);
    expect(await find([hot])).toEqual([]);
  });

  it('brings no more than may be compared, those that share most before all', async () => {
    const keys = Array.from({ length: 5 }, () => aKey('disk'));
    for (const key of keys) await devicesWith([key], HOT_KEY_HOLDERS - 1);
    const [best] = await devicesWith(keys);
    const found = await find(keys);
    expect(found).toHaveLength(mostCandidates);
    expect(found.map(({ deviceId }) => deviceId)).toContain(best);
  });

  it('reads a hot key through its index and no further than the cap', async () => {
    const hot = aKey('wireless');
    await registry.admin.query(
      `insert into registry.candidate_key (key, kind, device_id) select $1, 7, gen_random_uuid() from generate_series(1, 20000)`,
      [hot.key.toString()],
    );
    await registry.admin.query('analyze registry.candidate_key, registry.device_snapshot');
    const { rows } = await registry.admin.query<{ prosrc: string }>(
      `select prosrc from pg_proc where oid = 'registry.find_candidates'::regproc`,
    );
    const parameters = ['p_reports', 'p_keys', 'p_hot', 'p_most'];
    const body = parameters.reduce(
      (text, name, index) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `$${index + 1}`),
      /return query([^]*);\s*end/.exec(rows[0]!.prosrc)![1]!,
    );
    const client = await registry.admin.connect();
    try {
      // As the function plans it in a session that has asked a few times.
      await client.query('set plan_cache_mode = force_generic_plan');
      await client.query(`prepare body (integer[], bigint[], integer, integer) as ${body}`);
      const explained = await client.query(
        `explain (analyze, format json) execute body ('{0,0}', '{${hot.key},${aKey().key}}', ${HOT_KEY_HOLDERS}, ${mostCandidates})`,
      );
      const reads = readsOf(explained.rows[0]['QUERY PLAN'][0].Plan as PlanNode);
      expect(reads.length).toBeGreaterThan(0);
      for (const { parent, node } of reads) {
        expect(node['Node Type']).toMatch(/^Index( Only)? Scan$/);
        expect(node['Index Name']).toBe('candidate_key_pkey');
        expect(parent).toBe('Limit');
        expect(node['Actual Rows']).toBeLessThanOrEqual(HOT_KEY_HOLDERS + 1);
      }
    } finally {
      await client.query('deallocate body; reset plan_cache_mode');
      client.release();
    }
  });

  it('is reached through its functions alone', async () => {
    await expect(worker.query('select * from registry.candidate_key')).rejects.toMatchObject({ code: '42501' });
  });
});

function readsOf(node: PlanNode, parent = ''): { parent: string; node: PlanNode }[] {
  const own = node['Relation Name'] === 'candidate_key' ? [{ parent, node }] : [];
  return [...own, ...(node.Plans ?? []).flatMap((child) => readsOf(child, node['Node Type']))];
}
