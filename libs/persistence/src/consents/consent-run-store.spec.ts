import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { aCandidate, type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { registerChunk } from '../registration/register-chunk.js';
import { closeConsentRun, expireConsent, openConsentRun, remindOfConsent } from './consent-run-store.js';

let registry: Registry;
let worker: pg.Pool;
registrySuite('worker', 4, (opened) => {
  ({ registry, pool: worker } = opened);
});

/** A consent that is asked for, with the run that waits for it. */
async function asked() {
  const [tenantId, partnerId] = [await registry.aTenant(), await registry.aPartner()];
  await registry.aConsent(tenantId, partnerId, 'requested');
  const runId = randomUUID();
  await registry.admin.query(
    `insert into registry.run (id, kind, tenant_id, partner_id, task_queue, chunk_count, received, source_format, body_digest, requested_by)
     values ($1, 'consent', $2, $3, 'interactive', 0, 0, 'json', '\\x00', 'test')`,
    [runId, tenantId, partnerId],
  );
  await registry.admin.query('update registry.consent set run_id = $1 where tenant_id = $2', [runId, tenantId]);
  return { runId, tenantId };
}

const historyOf = async (tenantId: string) =>
  (
    await registry.admin.query('select kind from registry.consent_event where tenant_id = $1 order by seq', [tenantId])
  ).rows.map((row) => row.kind);
const stateOf = async (tenantId: string) =>
  (await registry.admin.query('select state from registry.consent where tenant_id = $1', [tenantId])).rows[0].state;

describe('a run that waits for a consent', () => {
  it('reminds once for each number, however often the worker dies and asks again', async () => {
    const key = await asked();
    await openConsentRun(worker, key);
    for (const number of [1, 1, 2, 1, 2]) await remindOfConsent(worker, key, number);
    expect(await historyOf(key.tenantId)).toEqual(['requested', 'reminded', 'reminded']);
    expect(await openConsentRun(worker, key)).toMatchObject({ decided: false, reminders: 2 });
  });

  it('says what was decided while no worker lived, and reminds nobody of it', async () => {
    const key = await asked();
    await openConsentRun(worker, key);
    await registry.admin.query(`update registry.consent set state = 'granted' where tenant_id = $1`, [key.tenantId]);
    expect(await remindOfConsent(worker, key, 1)).toEqual({ decided: true });
    expect(await expireConsent(worker, key)).toEqual({ expired: false });
    expect(await closeConsentRun(worker, key)).toEqual({ outcome: 'granted' });
    expect(await closeConsentRun(worker, key)).toEqual({ outcome: 'granted' });
    expect(await historyOf(key.tenantId)).toEqual(['requested', 'granted']);
  });

  it.each(['grant', 'expiry'])('ends one way when both fall together and the %s holds the row first', async (first) => {
    const key = await asked();
    await openConsentRun(worker, key);
    const owner = await registry.admin.connect();
    const grant = `update registry.consent set state = 'granted' where tenant_id = $1 and state = 'requested'`;
    if (first === 'grant') {
      await owner.query('begin');
      await owner.query(grant, [key.tenantId]);
      const expiring = expireConsent(worker, key);
      await owner.query('commit');
      expect(await expiring).toEqual({ expired: false });
    } else {
      expect(await expireConsent(worker, key)).toEqual({ expired: true });
      expect((await owner.query(grant, [key.tenantId])).rowCount).toBe(0);
      expect(await expireConsent(worker, key)).toEqual({ expired: false });
    }
    owner.release();
    expect(await stateOf(key.tenantId)).toBe(first === 'grant' ? 'granted' : 'expired');
    expect(await historyOf(key.tenantId)).toHaveLength(2);
  });
});

describe('a chunk within the scope of its consent', () => {
  async function anOrder(scope: object, parts = [['{}']]) {
    const [tenantId, partnerId] = [await registry.aTenant(), await registry.aPartner()];
    await registry.aConsent(tenantId, partnerId);
    await registry.admin.query('update registry.consent set scope = $2 where tenant_id = $1', [
      tenantId,
      JSON.stringify(scope),
    ]);
    const runId = await registry.anOrder({ tenantId, partnerId, parts });
    await registry.admin.query(
      'update registry.run set consent_id = (select id from registry.consent where tenant_id = $2) where id = $1',
      [runId, tenantId],
    );
    return { tenantId, runId, chunk: 1 };
  }
  const reasonsOf = async (runId: string) =>
    (
      await registry.admin.query(
        `select line, detail->>'message' as why from registry.run_item where run_id = $1 and verdict = 'withheld' order by line`,
        [runId],
      )
    ).rows;

  it('withholds rows of other models and purchase orders, each with its reason', async () => {
    const key = await anOrder({ models: ['Book 5'], purchaseOrders: ['PO-1'] });
    const candidates = [
      aCandidate(1, { purchaseOrder: 'PO-1' }),
      aCandidate(2, { purchaseOrder: 'PO-2' }),
      aCandidate(3, { model: 'Book 6', purchaseOrder: 'PO-1' }),
      aCandidate(4),
    ];
    expect(await registerChunk(worker, key, { candidates, rejected: [] }, registry.sealer)).toMatchObject({
      awaiting: 1,
    });
    expect(await reasonsOf(key.runId)).toEqual([
      { line: 2, why: 'consent.purchase-order-not-covered' },
      { line: 3, why: 'consent.model-not-covered' },
      { line: 4, why: 'consent.purchase-order-not-covered' },
    ]);
  });

  it('registers as many as the quantity says, also when two chunks ask at once, and frees the others’ identities', async () => {
    const key = await anOrder({ quantity: 5 }, [['{}'], ['{}']]);
    const chunk = (from: number) => [0, 1, 2, 3].map((index) => aCandidate(from + index));
    const registered = await Promise.all(
      [1, 2].map((number) =>
        registerChunk(
          worker,
          { ...key, chunk: number },
          { candidates: chunk(number * 10), rejected: [] },
          registry.sealer,
        ),
      ),
    );
    expect(registered[0]!.awaiting + registered[1]!.awaiting).toBe(5);
    const reasons = await reasonsOf(key.runId);
    expect(reasons.map((row) => row.why)).toEqual(Array(3).fill('consent.quantity-exceeded'));
    const { rows } = await registry.admin.query(
      `select c.registered, (select count(*)::int from registry.identity_claim i where i.tenant_id = c.tenant_id) as claims from registry.consent c where c.tenant_id = $1`,
      [key.tenantId],
    );
    expect(rows).toEqual([{ registered: 5, claims: 5 }]);
  });

  it.each([
    ['stop_now', 'active', 0],
    ['finish_accepted', 'active', 1],
    ['finish_accepted', 'suspended', 0],
  ])('after a revocation with %s of a partner that is %s registers %i', async (inFlight, status, devices) => {
    const key = await anOrder({});
    await registry.admin.query(`update registry.consent set state = 'revoked', in_flight = $2 where tenant_id = $1`, [
      key.tenantId,
      inFlight,
    ]);
    await registry.admin.query(
      'update registry.partner set status = $2 where id = (select partner_id from registry.run where id = $1)',
      [key.runId, status],
    );
    expect(
      await registerChunk(worker, key, { candidates: [aCandidate(1)], rejected: [] }, registry.sealer),
    ).toMatchObject({
      awaiting: devices,
    });
  });
});
