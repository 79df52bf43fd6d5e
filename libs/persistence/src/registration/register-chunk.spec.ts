import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { aCandidate, digestOf, type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import type { Candidate, ChunkDecision } from './chunk-decision.js';
import { loadAwaiting, type ChunkKey } from './open-chunk.js';
import { registerChunk as registerChunkWith } from './register-chunk.js';
import { closeRun, openRun } from './run-store.js';
import { settleChunk as settleChunkWith, type SettledDirectory } from './settle-chunk.js';

describe('registering a chunk', () => {
  let registry: Registry;
  let worker: pg.Pool;
  registrySuite('worker', 8, (opened) => {
    ({ registry, pool: worker } = opened);
  });

  async function anAuthorisedOrder(rows: number, chunks = 1) {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    const runId = await registry.anOrder({ tenantId, partnerId, parts: linesOf(rows, chunks) });
    return { tenantId, partnerId, runId, chunk: 1 };
  }

  const registerChunk = (pool: pg.Pool, key: ChunkKey, decision: ChunkDecision) =>
    registerChunkWith(pool, key, decision, registry.sealer);
  const settleChunk = (pool: pg.Pool, key: ChunkKey, directory: SettledDirectory) =>
    settleChunkWith(pool, key, directory, registry.sealer);
  const linesOf = (rows: number, chunks: number) =>
    Array.from({ length: chunks }, () => Array.from({ length: rows }, () => '{}'));
  const candidates = (count: number, first = 1): Candidate[] =>
    Array.from({ length: count }, (_, index) => aCandidate(first + index));
  const observedAll = (devices: Candidate[]) => ({
    objects: new Map(devices.map((device) => [device.deviceId, randomUUID()])),
    refused: new Map(),
  });
  const itemsOf = async (runId: string) =>
    (
      await registry.admin.query(
        'select line, verdict, detail from registry.run_item where run_id = $1 order by line',
        [runId],
      )
    ).rows;
  const count = async (table: string, where: string, value: string) =>
    Number(
      (await registry.admin.query(`select count(*) from registry.${table} where ${where} = $1`, [value])).rows[0].count,
    );

  it('gives every row one verdict once its directory object was observed', async () => {
    const order = await anAuthorisedOrder(3);
    const rows = candidates(2);
    await openRun(worker, order);
    await registerChunk(worker, order, {
      candidates: rows,
      rejected: [{ line: 3, verdict: 'hash_invalid', detail: { field: 'hardwareIdentifier', message: 'not base64' } }],
    });
    expect(await itemsOf(order.runId)).toEqual([expect.objectContaining({ line: 3, verdict: 'hash_invalid' })]);

    await settleChunk(worker, order, observedAll(rows));
    expect((await itemsOf(order.runId)).map((item) => item.verdict)).toEqual([
      'registered',
      'registered',
      'hash_invalid',
    ]);
    expect(await closeRun(worker, order)).toMatchObject({ received: 3, registered: 2, rejected: 1 });
  });

  it('does the same work once when its activity runs twice, also at the same time', async () => {
    const order = await anAuthorisedOrder(5);
    const rows = candidates(5);
    const again = candidates(5);
    const answers = await Promise.all([
      registerChunk(worker, order, { candidates: rows, rejected: [] }),
      registerChunk(worker, order, { candidates: again, rejected: [] }),
    ]);
    expect(answers.map(({ awaiting }) => awaiting)).toEqual([5, 5]);
    expect(await count('device', 'source_run_id', order.runId)).toBe(5);

    const awaiting = (await loadAwaiting(worker, order))!.map((device) => device.deviceId);
    const observed = { objects: new Map(awaiting.map((id) => [id, randomUUID()])), refused: new Map() };
    await Promise.all([settleChunk(worker, order, observed), settleChunk(worker, order, observed)]);
    expect(await count('run_item', 'run_id', order.runId)).toBe(5);
    expect(await count('intake_part', 'intake_id', order.runId)).toBe(0);
  });

  it('tells a repeated line, a device of the tenant and a device of somebody else apart', async () => {
    const first = await anAuthorisedOrder(1, 2);
    const other = await anAuthorisedOrder(1);
    const claim = { kind: 'endorsement_key' as const, digest: digestOf(randomUUID()) };
    const mine = aCandidate(1, { claims: [claim] });
    await registerChunk(worker, first, { candidates: [mine], rejected: [] });

    await registerChunk(
      worker,
      { ...first, chunk: 2 },
      { candidates: [aCandidate(2, { claims: [claim] })], rejected: [] },
    );
    expect(await itemsOf(first.runId)).toEqual([{ line: 2, verdict: 'duplicate_in_file', detail: { repeats: 1 } }]);

    const sameTenant = await registry.anOrder({ ...first, parts: linesOf(1, 1) });
    await registerChunk(
      worker,
      { ...first, runId: sameTenant },
      { candidates: [aCandidate(1, { claims: [claim] })], rejected: [] },
    );
    expect(await itemsOf(sameTenant)).toEqual([
      { line: 1, verdict: 'already_registered', detail: { deviceId: mine.deviceId } },
    ]);

    await registerChunk(worker, other, { candidates: [aCandidate(1, { claims: [claim] })], rejected: [] });
    expect(await itemsOf(other.runId)).toEqual([{ line: 1, verdict: 'owned_elsewhere', detail: null }]);
  });

  it('leaves no claim behind for a device that lost one of several', async () => {
    const order = await anAuthorisedOrder(2);
    const shared = { kind: 'manufacturer_serial' as const, digest: digestOf(randomUUID()) };
    const own = { kind: 'endorsement_key' as const, digest: digestOf(randomUUID()) };
    await registerChunk(worker, order, { candidates: [aCandidate(1, { claims: [shared] })], rejected: [] });

    const later = await anAuthorisedOrder(1);
    await registerChunk(worker, later, { candidates: [aCandidate(1, { claims: [own, shared] })], rejected: [] });
    expect(await count('identity_claim', 'digest', own.digest)).toBe(0);
  });

  it.each([
    ['consent.revoked', 'active', 'revoked'],
    ['consent.expired', 'active', 'expired'],
    ['partner.suspended', 'suspended', 'granted'],
    ['partner.ended', 'ended', 'granted'],
  ])('withholds what it has not registered yet: %s', async (reason, status, state) => {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner(status);
    await registry.aConsent(tenantId, partnerId, state);
    const runId = await registry.anOrder({ tenantId, partnerId, parts: linesOf(2, 1) });
    const { awaiting } = await registerChunk(
      worker,
      { runId, tenantId, chunk: 1 },
      { candidates: [aCandidate(1)], rejected: [{ line: 2, verdict: 'identity_missing', detail: null }] },
    );
    expect(awaiting).toBe(0);
    expect(await itemsOf(runId)).toEqual([
      { line: 1, verdict: 'withheld', detail: { message: reason } },
      { line: 2, verdict: 'identity_missing', detail: null },
    ]);
    expect(await count('device', 'source_run_id', runId)).toBe(0);
  });

  it('holds a revocation until the chunk in flight has committed, and no longer', async () => {
    const order = await anAuthorisedOrder(1);
    const blocker = await registry.admin.connect();
    await blocker.query('begin');
    await blocker.query('select 1 from registry.run where id = $1 for update', [order.runId]);
    // The chunk holds consent and waits for the run row.
    const chunk = registerChunk(worker, order, { candidates: [aCandidate(1)], rejected: [] });
    await waitUntil(async () => (await registry.admin.query(waitingOnLock)).rows[0].count !== '0');
    let revoked = false;
    const revocation = registry.admin
      .query(`update registry.consent set state = 'revoked' where tenant_id = $1`, [order.tenantId])
      .then(() => (revoked = true));
    await waitUntil(async () => Number((await registry.admin.query(waitingOnLock)).rows[0].count) > 1);
    expect(revoked).toBe(false);
    await blocker.query('commit');
    blocker.release();
    expect((await chunk).awaiting).toBe(1);
    await revocation;
    expect(revoked).toBe(true);
  });

  it('undoes the registration of a device whose directory object is refused, and of that device alone', async () => {
    const order = await anAuthorisedOrder(2);
    const [kept, refused] = candidates(2) as [Candidate, Candidate];
    await openRun(worker, order);
    await registerChunk(worker, order, { candidates: [kept, refused], rejected: [] });
    await settleChunk(worker, order, {
      objects: new Map([[kept.deviceId, randomUUID()]]),
      refused: new Map([[refused.deviceId, 'already_joined']]),
    });
    expect((await itemsOf(order.runId)).map((item) => item.verdict)).toEqual(['registered', 'already_joined']);
    for (const table of ['device_hash', 'identity_claim', 'device_directory_object']) {
      expect(await count(table, 'device_id', refused.deviceId)).toBe(0);
    }
    expect(await count('device', 'source_run_id', order.runId)).toBe(1);
    expect(await closeRun(worker, order)).toMatchObject({ received: 2, registered: 1, rejected: 1 });
  });

  it('asks for attention when a row has no verdict, and says how many', async () => {
    const order = await anAuthorisedOrder(2);
    await openRun(worker, order);
    await registerChunk(worker, order, { candidates: [], rejected: [{ line: 1, verdict: 'malformed', detail: null }] });
    await closeRun(worker, order);
    const { rows } = await registry.admin.query('select state, problem from registry.run where id = $1', [order.runId]);
    expect(rows[0]).toEqual({
      state: 'needs_attention',
      problem: { code: 'run.rows-without-verdict', received: 2, decided: 1 },
    });
  });

  it('numbers the events of a run without a gap and seals each change in the audit chain', async () => {
    const order = await anAuthorisedOrder(1, 4);
    await openRun(worker, order);
    await Promise.all(
      [1, 2, 3, 4].map(async (chunk) => {
        const rows = candidates(1, chunk);
        await registerChunk(worker, { ...order, chunk }, { candidates: rows, rejected: [] });
        await settleChunk(worker, { ...order, chunk }, observedAll(rows));
      }),
    );
    await closeRun(worker, order);
    const events = await registry.admin.query('select seq from registry.run_event where run_id = $1 order by seq', [
      order.runId,
    ]);
    expect(events.rows.map((row) => row.seq)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));

    const chain = await registry.admin.query(
      `select count(*) filter (where hash <> registry.audit_hash(previous, tenant_id, seq, actor, action, object, data, request_id, at)) as broken,
              count(*) filter (where previous <> coalesce(before, '\\x')) as unlinked, count(*) as events
       from (select *, lag(hash) over (order by seq) as before from registry.audit_event where tenant_id = $1) as e`,
      [order.tenantId],
    );
    expect(chain.rows[0]).toEqual({ broken: '0', unlinked: '0', events: '10' });
    await expect(registry.admin.query('update registry.audit_event set actor = $1', ['somebody'])).rejects.toThrow(
      'never changed',
    );
  });

  it('lets two tenants register the same devices in opposite order: each device once, nobody told whose it is', async () => {
    const left = await anAuthorisedOrder(200, 5);
    const right = await anAuthorisedOrder(200, 5);
    const hardware = Array.from({ length: 1_000 }, (_, index) => digestOf(`shared-${left.runId}-${index}`));
    const register = async (order: typeof left, order_: string[]) => {
      for (let chunk = 1; chunk <= 5; chunk += 1) {
        const rows = order_
          .slice((chunk - 1) * 200, chunk * 200)
          .map((digest, index) =>
            aCandidate((chunk - 1) * 200 + index + 1, { claims: [{ kind: 'endorsement_key', digest }] }),
          );
        const { awaiting } = await registerChunk(worker, { ...order, chunk }, { candidates: rows, rejected: [] });
        if (awaiting === 0) continue;
        const ids = (await loadAwaiting(worker, { ...order, chunk }))!.map((device) => device.deviceId);
        await settleChunk(
          worker,
          { ...order, chunk },
          { objects: new Map(ids.map((id) => [id, randomUUID()])), refused: new Map() },
        );
      }
    };
    await Promise.all([register(left, hardware), register(right, hardware.toReversed())]);
    const items = [...(await itemsOf(left.runId)), ...(await itemsOf(right.runId))];
    expect(items).toHaveLength(2_000);
    expect(items.filter((item) => item.verdict === 'registered')).toHaveLength(1_000);
    const lost = items.filter((item) => item.verdict === 'owned_elsewhere');
    expect(lost).toHaveLength(1_000);
    expect(lost.every((item) => item.detail === null)).toBe(true);
  });
});

const waitingOnLock = `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;

async function waitUntil(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 10));
}
