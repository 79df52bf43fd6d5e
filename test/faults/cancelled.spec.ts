import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pause, startRunningStack, type RunningStack } from '../support/running-stack.js';
import { shortWaits } from '../support/short-waits.js';
import { standingOf } from '../support/standing.js';
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

      const run = await world.finished(customer, id, 120_000);
      expect(run).toMatchObject({ status: 'Canceled', decided: orderSize });
      expect(run.compensation!.undone).toBeGreaterThan(0);
      expect(run.verdicts).toEqual({ registered: run.compensation!.undone, cancelled: orderSize - run.registered });
      const { rows } = await world.admin.query(
        `select (select count(*)::int from registry.run_item where run_id = $1) as items,
                (select count(*)::int from registry.run_item where run_id = $1 and taken_back_at is not null) as undone,
                (select event_count - max(seq) from registry.run r join registry.run_event e on e.run_id = r.id
                  where r.id = $1 group by event_count) as gap`,
        [id],
      );
      expect(rows[0]).toEqual({ items: orderSize, undone: run.compensation!.undone, gap: 0 });
      expect(Object.values(await standingOf(world, customer.tenantId)).every((count) => count === 0)).toBe(true);
    },
    180_000,
  );
});
