import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { aCandidate, digestOf, type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { registerChunk } from './register-chunk.js';
import { closeRun, openRun } from './run-store.js';
import { settleChunk } from './settle-chunk.js';

describe('an import of a tenant', () => {
  let registry: Registry;
  let worker: pg.Pool;
  registrySuite('worker', 4, (opened) => {
    ({ registry, pool: worker } = opened);
  });

  async function anImport(chunks: number, more: { tenantId?: string; validateOnly?: boolean } = {}) {
    const tenantId = more.tenantId ?? (await registry.aTenant());
    const parts = Array.from({ length: chunks }, () => ['{}']);
    const runId = await registry.anOrder({
      tenantId,
      partnerId: null,
      parts,
      validateOnly: more.validateOnly ?? false,
    });
    const key = (chunk: number) => ({ runId, tenantId, chunk });
    await openRun(worker, key(1));
    return { tenantId, runId, key };
  }
  const oneOf = (device: string, line: number) =>
    aCandidate(line, { claims: [{ kind: 'endorsement_key', digest: digestOf(device) }] });
  const counted = async (sql: string, values: unknown[]) =>
    (await registry.admin.query<{ count: number }>(`select count(*)::int as count ${sql}`, values)).rows[0]!.count;
  const itemsOf = async (runId: string) =>
    (
      await registry.admin.query(
        'select line, verdict, detail from registry.run_item where run_id = $1 order by line',
        [runId],
      )
    ).rows;

  it('registers without a partner and without a consent, as the tenant itself, and keeps what was changed', async () => {
    const { tenantId, runId, key } = await anImport(1);
    const device = oneOf(`own ${runId}`, 1);
    const corrected = [{ line: 1, corrections: [{ code: 'blanks' as const, field: 'groupTag' as const }] }];
    expect(
      await registerChunk(worker, key(1), { candidates: [device], rejected: [], corrected }, registry.sealer),
    ).toMatchObject({ awaiting: 1 });
    const { rows } = await registry.admin.query(
      'select registrar_kind, registrar_id from registry.device where id = $1',
      [device.deviceId],
    );
    expect(rows).toEqual([{ registrar_kind: 'tenant', registrar_id: tenantId }]);
    const kept = await registry.admin.query('select line, corrections from registry.run_correction where run_id = $1', [
      runId,
    ]);
    expect(kept.rows).toEqual(corrected);
    await settleChunk(
      worker,
      key(1),
      { objects: new Map([[device.deviceId, device.deviceId]]), refused: new Map() },
      registry.sealer,
    );
    expect(await closeRun(worker, key(1))).toMatchObject({ received: 1, registered: 1, rejected: 0 });
  });

  it('of a tenant that has left meanwhile is withheld', async () => {
    const { tenantId, runId, key } = await anImport(1);
    await registry.admin.query(`update registry.tenant set state = 'offboarded' where id = $1`, [tenantId]);
    await registerChunk(worker, key(1), { candidates: [oneOf(`gone ${runId}`, 1)], rejected: [] }, registry.sealer);
    expect(await itemsOf(runId)).toMatchObject([{ verdict: 'withheld', detail: { message: 'tenant.not-found' } }]);
  });

  it('for verdicts alone gives those that a registration would, and leaves nothing else', async () => {
    const { tenantId, runId } = await anImport(1);
    const own = oneOf(`taken ${runId}`, 1);
    await registerChunk(worker, { runId, tenantId, chunk: 1 }, { candidates: [own], rejected: [] }, registry.sealer);
    const elsewhere = await anImport(1);
    const theirs = oneOf(`theirs ${runId}`, 1);
    await registerChunk(worker, elsewhere.key(1), { candidates: [theirs], rejected: [] }, registry.sealer);

    const asked = await anImport(2, { tenantId, validateOnly: true });
    const taken = oneOf(`taken ${runId}`, 1);
    const foreign = oneOf(`theirs ${runId}`, 2);
    const fresh = oneOf(`fresh ${runId}`, 3);
    const again = oneOf(`fresh ${runId}`, 4);
    const bad = { line: 5, verdict: 'malformed' as const, detail: null };
    await registerChunk(
      worker,
      asked.key(1),
      { candidates: [taken, foreign, fresh], rejected: [bad] },
      registry.sealer,
    );
    await registerChunk(worker, asked.key(2), { candidates: [again], rejected: [] }, registry.sealer);
    expect(await itemsOf(asked.runId)).toEqual([
      { line: 1, verdict: 'already_registered', detail: { deviceId: own.deviceId } },
      { line: 2, verdict: 'owned_elsewhere', detail: null },
      { line: 3, verdict: 'would_register', detail: null },
      { line: 4, verdict: 'duplicate_in_file', detail: { repeats: 3 } },
      { line: 5, verdict: 'malformed', detail: null },
    ]);
    await registry.admin.query('update registry.run set received = 5 where id = $1', [asked.runId]);
    expect(await closeRun(worker, asked.key(1))).toMatchObject({ received: 5, registered: 0, rejected: 4 });

    const left = [
      await counted('from registry.device where tenant_id = $1', [tenantId]),
      await counted('from registry.device where source_run_id = $1', [asked.runId]),
      await counted('from registry.identity_claim where device_id = any ($1)', [
        [taken, foreign, fresh, again].map((each) => each.deviceId),
      ]),
      await counted('from registry.validated_identity where run_id = $1', [asked.runId]),
      await counted('from registry.intake_part where intake_id = $1', [asked.runId]),
    ];
    expect(left).toEqual([1, 0, 0, 0, 0]);
    // What would be registered can be registered afterwards: nothing holds it.
    const after = await anImport(1, { tenantId });
    expect(
      await registerChunk(
        worker,
        after.key(1),
        { candidates: [oneOf(`fresh ${runId}`, 1)], rejected: [] },
        registry.sealer,
      ),
    ).toMatchObject({ awaiting: 1 });
  });

  it('for verdicts alone says what the directory would refuse, and adds up a quantity over its chunks', async () => {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    await registry.admin.query(
      `update registry.consent set scope = '{"quantity": 3}', registered = 1 where tenant_id = $1`,
      [tenantId],
    );
    const runId = await registry.anOrder({ tenantId, partnerId, parts: [['{}'], ['{}']], validateOnly: true });
    const key = (chunk: number) => ({ runId, tenantId, chunk });
    await openRun(worker, key(1));
    const rows = (...lines: number[]) => lines.map((line) => oneOf(`quantity ${runId} ${line}`, line));
    const first = { candidates: rows(1, 2), rejected: [], joined: new Map([[2, 'already_joined' as const]]) };
    await registerChunk(worker, key(1), first, registry.sealer);
    await registerChunk(
      worker,
      key(2),
      { candidates: [...rows(3, 4), oneOf(`quantity ${runId} 1`, 5)], rejected: [] },
      registry.sealer,
    );
    expect(await itemsOf(runId)).toEqual([
      { line: 1, verdict: 'would_register', detail: null },
      { line: 2, verdict: 'already_joined', detail: null },
      { line: 3, verdict: 'would_register', detail: null },
      { line: 4, verdict: 'withheld', detail: { message: 'consent.quantity-exceeded' } },
      { line: 5, verdict: 'duplicate_in_file', detail: { repeats: 1 } },
    ]);
    const { rows: consent } = await registry.admin.query(
      'select registered from registry.consent where tenant_id = $1',
      [tenantId],
    );
    expect(consent).toEqual([{ registered: 1 }]);
  });
});
