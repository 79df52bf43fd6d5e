import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer, RunningStack } from '../support/running-stack.js';
import { orderSize, orderStruckInTheMiddle, seededMoments, startMortalStack } from './pulling-the-plug.js';

describe('an order of 5,000 while its worker is killed', () => {
  let world: RunningStack;
  let customer: Customer;

  beforeAll(async () => {
    world = await startMortalStack();
    customer = await world.aCustomer();
  }, 120_000);
  afterAll(() => world.stop());

  it.each(seededMoments(20_261_121, 20).map((moment, index) => [index + 1, moment] as const))(
    'moment %i: every row has one verdict, no device twice, progress again within 30 s',
    async (_number, moment) => {
      const blow = await orderStruckInTheMiddle(world, customer, moment, () => world.stack.apps.worker.kill('SIGKILL'));
      expect(blow.verdicts).toBeGreaterThan(0);
      expect(blow.verdicts).toBeLessThan(orderSize);
      expect(blow.recoveredAfterMs).toBeLessThan(30_000);
    },
    120_000,
  );
});
