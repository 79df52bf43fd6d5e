import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from '@groundcrew/contracts';
import { whileChunkIsHeld } from '../support/held-chunk.js';
import { pause, startRunningStack, type RunningStack } from '../support/running-stack.js';
import { shortWaits } from '../support/short-waits.js';
import { standingOf } from '../support/standing.js';
import { aLargeOrder, countVerdicts, orderSize } from './pulling-the-plug.js';

describe('an order of 5,000 that is voided, while its worker is killed', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startRunningStack('shared', { ...shortWaits, GROUNDCREW_CHUNKS_IN_FLIGHT: '1' }, { supervise: true });
  }, 120_000);
  afterAll(() => world.stop());

  const standing = (tenantId: string) => standingOf(world, tenantId);

  it('and cancelled in its middle has everything again; told once more, nothing is left', async () => {
    const customer = await world.aCustomer();
    const { id } = await world.submit(customer, await aLargeOrder(world));
    const { orderId } = await world.finished(customer, id);
    const before = await standing(customer.tenantId);
    expect(before).toMatchObject({ devices: orderSize, observed: orderSize });
    const asVoided = async (strike: (runId: string) => Promise<void>): Promise<RunView> => {
      const path = `/partners/${customer.partnerId}/orders/${orderId}/voids`;
      const voided = await world.post(path, customer.pipeline, { reason: 'never paid' });
      expect(voided.status).toBe(202);
      const last = { runId: voided.body.id as string, number: orderSize / 1_000 };
      await whileChunkIsHeld(world, last, async () => {
        while ((await countVerdicts(world, last.runId)) === 0) await pause(5);
        await strike(last.runId);
      });
      await world.stack.apps.worker.kill('SIGKILL');
      return await world.finished(customer, voided.body.id, 90_000);
    };

    const cancelled = await asVoided(async (runId) => {
      const told = await world.post(`/operations/${runId}/cancellations`, customer.pipeline, {});
      expect(told).toMatchObject({ status: 202 });
    });
    const { removed, cancelled: spared } = cancelled.verdicts as { removed: number; cancelled: number };
    expect(cancelled).toMatchObject({ status: 'Canceled', received: orderSize, decided: orderSize });
    expect(removed).toBeGreaterThan(0);
    expect(spared).toBeGreaterThan(0);
    expect(cancelled.compensation).toEqual({ undone: 0, kept: spared, left: 0, putBack: removed, wentForward: 0 });
    expect(await standing(customer.tenantId)).toEqual(before);

    const voided = await asVoided(() => pause(40));
    expect(voided).toMatchObject({ status: 'Succeeded', verdicts: { removed: orderSize } });
    expect(Object.values(await standing(customer.tenantId))).toEqual(Object.values(before).map(() => 0));
  }, 240_000);
});
