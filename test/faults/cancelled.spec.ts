import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pause, startRunningStack, type RunningStack } from '../support/running-stack.js';
import { shortWaits } from '../support/short-waits.js';
import { aLargeOrder, countVerdicts, orderSize, seededMoments } from './pulling-the-plug.js';

describe('an order of 5,000 that is cancelled, while its worker is killed', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startRunningStack('shared', shortWaits, { supervise: true });
  }, 120_000);
  afterAll(() => world.stop());

  const takenBack = async (runId: string): Promise<number> => {
    const { rows } = await world.admin.query<{ chunks: number }>(
      `select count(*)::int as chunks from registry.run_chunk where run_id = $1 and state in ('taken_back', 'released')`,
      [runId],
    );
    return rows[0]!.chunks;
  };

  it.each(seededMoments(20_261_122, 2).map((moment, index) => [index + 1, moment] as const))(
    'moment %i: leaves no device, no claim, no key and no directory object behind',
    async (_number, moment) => {
      const customer = await world.aCustomer();
      const { id } = await world.submit(customer, await aLargeOrder(world));
      while ((await countVerdicts(world, id)) < Math.min(moment.verdicts, 2_000)) await pause(10);
      const answer = await world.call(`/operations/${id}/cancellations`, customer.pipeline, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      });
      expect(answer.status).toBe(202);
      while ((await takenBack(id)) === 0) await pause(5);
      await pause(moment.delayMs);
      await world.stack.apps.worker.kill('SIGKILL');

      const run = await world.finished(customer, id, 60_000);
      expect(run).toMatchObject({ status: 'Canceled', decided: orderSize });
      expect(run.compensation!.undone).toBeGreaterThan(0);
      expect(run.verdicts).toEqual({ registered: run.compensation!.undone, cancelled: orderSize - run.registered });
      const { rows } = await world.admin.query(
        `select (select count(*)::int from registry.device where tenant_id = $1) as devices,
                (select count(*)::int from registry.identity_claim where tenant_id = $1) as claims,
                (select count(*)::int from registry.device_snapshot where tenant_id = $1) as snapshots,
                (select count(*)::int from registry.device_hash where tenant_id = $1) as hashes,
                (select count(*)::int from directory.device_object where tenant_id = $1) as objects,
                (select count(*)::int from registry.run_item where run_id = $2) as items,
                (select count(*)::int from registry.run_item where run_id = $2 and taken_back_at is not null) as undone,
                (select event_count - max(seq) from registry.run r join registry.run_event e on e.run_id = r.id
                  where r.id = $2 group by event_count) as gap`,
        [customer.tenantId, id],
      );
      expect(rows[0]).toEqual({
        devices: 0,
        claims: 0,
        snapshots: 0,
        hashes: 0,
        objects: 0,
        items: orderSize,
        undone: run.compensation!.undone,
        gap: 0,
      });
    },
    90_000,
  );
});
