import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { claimRunsToStart, markStarted, postpone, sweepAbandoned } from './outbox-store.js';

describe('the outbox', () => {
  let registry: Registry;
  let relay: pg.Pool;
  registrySuite('relay', 4, (opened) => {
    ({ registry, pool: relay } = opened);
  });

  async function aMessage(): Promise<string> {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    const runId = await registry.anOrder({ tenantId, partnerId, parts: [['{}']] });
    await registry.admin.query(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
    return runId;
  }

  it('gives a message to one relay at a time, and to another when the first is silent for longer than its lease', async () => {
    const runId = await aMessage();
    const [left, right] = await Promise.all([
      claimRunsToStart(relay, randomUUID(), 10, 300),
      claimRunsToStart(relay, randomUUID(), 10, 300),
    ]);
    expect([...left, ...right].map((message) => message.runId)).toEqual([runId]);
    expect(await claimRunsToStart(relay, randomUUID(), 10, 300)).toEqual([]);

    let taken = await claimRunsToStart(relay, randomUUID(), 10, 60_000);
    while (taken.length === 0) taken = await claimRunsToStart(relay, randomUUID(), 10, 60_000);
    expect(taken.map((message) => [message.runId, message.attempts])).toEqual([[runId, 2]]);

    // The frozen relay wakes up and finishes what it had begun: the same end.
    await markStarted(relay, [...left, ...right][0]!);
    await markStarted(relay, taken[0]!);
    expect(await claimRunsToStart(relay, randomUUID(), 10, 1)).toEqual([]);
  });

  it('keeps the reason of a failed start readable and tries again later', async () => {
    const runId = await aMessage();
    const [message] = await claimRunsToStart(relay, randomUUID(), 10, 60_000);
    await postpone(relay, message!, 'Temporal does not answer', 60_000);
    expect(await claimRunsToStart(relay, randomUUID(), 10, 1)).toEqual([]);
    const { rows } = await registry.admin.query(
      'select last_error, next_try_at > now() as later from registry.outbox where run_id = $1',
      [runId],
    );
    expect(rows[0]).toEqual({ last_error: 'Temporal does not answer', later: true });
  });

  it('sweeps bodies that were never accepted and keys whose caller is gone, and nothing else', async () => {
    const tenantId = await registry.aTenant();
    const partnerId = await registry.aPartner();
    const accepted = await registry.anOrder({ tenantId, partnerId, parts: [['{}']] });
    const abandoned = randomUUID();
    const arriving = randomUUID();
    await registry.admin.query(
      `insert into registry.intake (id, principal, tenant_id, lease_until)
       values ($1, 'p', $3, now() - interval '1 second'), ($2, 'p', $3, now() + interval '1 hour')`,
      [abandoned, arriving, tenantId],
    );
    await registry.admin.query(
      `insert into registry.intake_part (intake_id, number, principal, first_line, line_count, body) values ($1, 1, 'p', 1, 1, '\\x00')`,
      [abandoned],
    );
    expect(await sweepAbandoned(relay)).toEqual({ intakes: 1, keys: 0 });
    const { rows } = await registry.admin.query('select id from registry.intake where id = any ($1)', [
      [accepted, abandoned, arriving],
    ]);
    expect(rows.map((row) => row.id).sort()).toEqual([accepted, arriving].sort());
  });

  it('sweeps registrations that were kept for a restore, when their time is over and not before', async () => {
    const tenantId = await registry.aTenant();
    const [over, kept] = [randomUUID(), randomUUID()];
    for (const [deviceId, days] of [
      [over, -1],
      [kept, 1],
    ] as const)
      await registry.admin.query(
        `insert into registry.removed_registration (tenant_id, device_id, run_id, device, claim_digests, claim_kinds,
           candidate_keys, candidate_kinds, facts, keep_until)
         values ($1, $2, $3, '{}', '{}', '{}', '{}', '{}', '{}', now() + $4 * interval '1 day')`,
        [tenantId, deviceId, randomUUID(), days],
      );
    await sweepAbandoned(relay);
    const { rows } = await registry.admin.query(
      'select device_id from registry.removed_registration where tenant_id = $1',
      [tenantId],
    );
    expect(rows).toEqual([{ device_id: kept }]);
  });
});
