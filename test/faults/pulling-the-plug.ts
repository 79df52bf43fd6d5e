import { Random } from '@groundcrew/fleet';
import { expect } from '@jest/globals';
import { generatedLines } from '../support/generated-order.js';
import { pause, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';
import { shortWaits } from '../support/short-waits.js';

export const orderSize = 5_000;

/** A stack with servers of its own, in which what dies is started again. */
export function startMortalStack(): Promise<RunningStack> {
  return startRunningStack('own', shortWaits, { supervise: true });
}

/** Moments that differ, the same in every run: how many verdicts there are when it happens, and how long after that. */
export function seededMoments(seed: number, count: number): { verdicts: number; delayMs: number }[] {
  const random = new Random(seed, 0, 0);
  return Array.from({ length: count }, () => ({
    verdicts: 1 + random.below(orderSize - 1_500),
    delayMs: random.below(120),
  }));
}

/** How many verdicts have been given, as the run itself counts them. Cheap: asked many times a second. */
export async function countVerdicts(world: RunningStack, runId: string): Promise<number> {
  const { rows } = await world.admin.query<{ verdicts: number }>(
    'select coalesce(sum(c.value::int), 0)::int as verdicts from registry.run r, jsonb_each_text(r.counts) c where r.id = $1',
    [runId],
  );
  return rows[0]!.verdicts;
}

/** An order of new devices, line by line. */
export async function aLargeOrder(world: RunningStack): Promise<string[]> {
  return await generatedLines(world, orderSize);
}

export interface Blow {
  /** How many verdicts there were when it struck. */
  verdicts: number;
  /** From the blow to the next verdict, in milliseconds. */
  recoveredAfterMs: number;
}

/**
 * Submits an order, strikes in the middle of it, and checks afterwards that nothing was lost and nothing done twice.
 *
 * @param strike kills something; may bring it back
 */
export async function orderStruckInTheMiddle(
  world: RunningStack,
  customer: Customer,
  moment: { verdicts: number; delayMs: number },
  strike: () => Promise<void>,
): Promise<Blow> {
  for (;;) {
    const lines = await aLargeOrder(world);
    const { id } = await world.submit(customer, lines);
    while ((await countVerdicts(world, id)) < moment.verdicts) await pause(10);
    await pause(moment.delayMs);
    const verdicts = await countVerdicts(world, id);
    if (verdicts >= orderSize) {
      // Too late: the order was done before the moment came. It is checked like the others, and tried again.
      await expectWhole(world, customer, id);
      continue;
    }
    await strike();
    const struckAt = performance.now();
    let recoveredAfterMs = 0;
    while (recoveredAfterMs === 0) {
      const now = await countVerdicts(world, id).catch(() => verdicts);
      if (now > verdicts) recoveredAfterMs = performance.now() - struckAt;
      else if (performance.now() - struckAt > 60_000)
        throw new Error(`no progress for a minute after ${verdicts} verdicts`);
      else await pause(20);
    }
    await expectWhole(world, customer, id);
    return { verdicts, recoveredAfterMs };
  }
}

/** Every row has exactly one verdict, every device is there once with everything that belongs to it. Read from the tables, never through the ports. */
export async function expectWhole(world: RunningStack, customer: Customer, runId: string): Promise<void> {
  const run = await world.finished(customer, runId, 90_000);
  expect(run).toMatchObject({ status: 'Succeeded', received: orderSize, registered: orderSize, rejected: 0 });
  const { rows } = await world.admin.query(
    `select (select count(*)::int from registry.run_item where run_id = $1) as items,
            (select count(distinct line)::int from registry.run_item where run_id = $1 and verdict = 'registered') as lines,
            (select count(*)::int from registry.device where source_run_id = $1) as devices,
            (select count(distinct (manufacturer, serial_number))::int from registry.device where source_run_id = $1) as hardware,
            (select count(*)::int from registry.device d join registry.device_hash h on h.tenant_id = d.tenant_id and h.device_id = d.id
              where d.source_run_id = $1) as hashes,
            (select count(distinct c.device_id)::int from registry.identity_claim c join registry.device d on d.id = c.device_id
              where d.source_run_id = $1) as claimed,
            (select count(*)::int from directory.device_object o join registry.device d on d.id = o.registration_id
              where d.source_run_id = $1) as objects,
            (select count(*)::int from registry.device_directory_object o join registry.device d on d.id = o.device_id
              join directory.device_object s on s.id = o.object_id where d.source_run_id = $1) as observed,
            (select count(*)::int from registry.intake_part where intake_id = $1) as parts,
            (select count(*)::int from registry.run_event where run_id = $1) as events,
            (select max(seq) from registry.run_event where run_id = $1) as last_event`,
    [runId],
  );
  const chunks = orderSize / 1_000;
  expect(rows[0]).toEqual({
    items: orderSize,
    lines: orderSize,
    devices: orderSize,
    hardware: orderSize,
    hashes: orderSize,
    claimed: orderSize,
    objects: orderSize,
    observed: orderSize,
    parts: 0,
    events: 3 + 2 * chunks,
    last_event: 3 + 2 * chunks,
  });
}
