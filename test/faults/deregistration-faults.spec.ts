import { endMisbehaviour, finishWhatIsStuck, setMisbehaviour } from '@groundcrew/subsystems';
import { Random } from '@groundcrew/fleet';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDeregistering, type Deregistering } from '../support/deregistering.js';
import { findViolations, quiescence, readHoldings, readTies } from '../support/deregistration-checker.js';
import { pause, startRunningStack, type RunningStack } from '../support/running-stack.js';
import { shortWaitsAtNeighbours } from '../support/short-waits.js';
import { faults, stepsStruckBy } from '../support/strikes.js';

/** Each fault at each step has 20 devices and a tenant of its own; two faults share a blow to the worker. */
const fleetSize = 20;
const waves = Object.keys(faults).flatMap((name, index, names) =>
  index % 2 === 0 ? [names.slice(index, index + 2)] : [],
);

/** The first half of the promise of issue 8: every fault at every step, and the worker killed meanwhile. */
describe('a deregistration of 20 devices whose neighbours misbehave and whose worker is killed', () => {
  let world: RunningStack;
  let deregistering: Deregistering;

  beforeAll(async () => {
    world = await startRunningStack('shared', shortWaitsAtNeighbours, { supervise: true });
    deregistering = openDeregistering(world);
  }, 120_000);
  afterAll(async () => {
    await deregistering.close();
    await world.stop();
  });

  it.each(waves.map((names, index) => [names.join(' and '), names, index] as const))(
    '%s, once at every step',
    async (_, names, index) => {
      const struck = names.flatMap((name) => stepsStruckBy(faults[name]!));
      const cases = await Promise.all(
        struck.map(async (strike) => {
          const fleet = await deregistering.aFleet(fleetSize);
          const { tenantId } = fleet.customer;
          const ties = await readTies(world.admin, tenantId, fleet.deviceIds);
          const before = await readHoldings(world.admin, tenantId, ties);
          return { fleet, tenantId, ties, before, rule: { ...strike, tenantId } };
        }),
      );
      const rules = cases.map(({ rule }) => rule);
      await setMisbehaviour(deregistering.neighbours, rules);
      const random = new Random(8_000 + index, 0, 0);
      const runs = await Promise.all(cases.map(({ fleet }) => deregistering.begin(fleet)));
      await pause(random.below(900));
      await world.stack.apps.worker.kill('SIGKILL');
      const mend = () => finishWhatIsStuck(deregistering.neighbours);
      const attention = await Promise.all(
        cases.map(({ fleet }, place) => deregistering.end(fleet, runs[place]!, 75_000, mend)),
      );

      expect(await strikes()).toEqual(new Map(rules.map((rule) => [`${rule.kind} ${rule.tenantId}`, rule.atMost])));
      await endMisbehaviour(deregistering.neighbours);
      for (const each of attention.flat()) expect(each.difference ?? '').not.toBe('');
      await quiescence(world.admin);
      for (const [place, { tenantId, before, ties }] of cases.entries())
        expect(await findViolations(world.admin, tenantId, runs[place]!, before, ties)).toEqual([]);
    },
    120_000,
  );

  it('at the line itself: the worker dies while it removes the registrations', async () => {
    const fleet = await deregistering.aFleet(fleetSize);
    const { tenantId } = fleet.customer;
    const ties = await readTies(world.admin, tenantId, fleet.deviceIds);
    const before = await readHoldings(world.admin, tenantId, ties);
    const holder = await world.admin.connect();
    let runId: string;
    try {
      await holder.query('begin');
      await holder.query('select 1 from registry.device where id = $1 for update', [fleet.deviceIds[7]]);
      runId = await deregistering.begin(fleet);
      await removalWaits(runId);
      await world.stack.apps.worker.kill('SIGKILL');
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await deregistering.end(fleet, runId, 75_000)).toEqual([]);
    await quiescence(world.admin);
    expect(await findViolations(world.admin, tenantId, runId, before, ties)).toEqual([]);
    for (const { registered } of (await readHoldings(world.admin, tenantId, ties)).values())
      expect(registered).toBe(false);
  }, 120_000);

  /** Somebody waits for a device's row: the removal has begun, and cannot go on. */
  async function removalWaits(runId: string): Promise<void> {
    for (const deadline = Date.now() + 40_000; ; await pause(30)) {
      const { rows } = await world.admin.query<{ waiting: boolean }>(
        `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                        and query like '%registry.device d%for update%') as waiting`,
      );
      if (rows[0]!.waiting) return;
      if (Date.now() > deadline) throw new Error(`run ${runId} did not come to the line`);
    }
  }

  /** How often each rule has struck. */
  async function strikes(): Promise<Map<string, number>> {
    const { rows } = await world.admin.query<{ rule: string; strikes: number }>(
      `select kind || ' ' || tenant_id as rule, strikes from misbehaviour.rule`,
    );
    return new Map(rows.map(({ rule, strikes: count }) => [rule, count]));
  }
});
