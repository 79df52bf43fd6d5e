import { endMisbehaviour, finishWhatIsStuck, setMisbehaviour } from '@groundcrew/subsystems';
import { findViolations, quiescence, readHoldings, readTies } from '../../support/deregistration-checker.js';
import type { Attention, Deregistering, DeregisteringFleet } from '../../support/deregistering.js';
import { pause, type RunningStack } from '../../support/running-stack.js';
import type { Kill, Moment, SeedPlan, Victim } from './plan-of-seed.js';

/** Devices of a tenant of their own, and what every store held of them before. */
export interface Staged {
  plan: SeedPlan;
  fleet: DeregisteringFleet;
  tenantId: string;
  ties: Awaited<ReturnType<typeof readTies>>;
  before: Awaited<ReturnType<typeof readHoldings>>;
}

/** What happened to one seed. */
export interface Played {
  seed: number;
  runId: string | null;
  /** How often each fault struck. */
  strikes: Record<string, number>;
  /** Who was killed before the run had ended; those that came too late are left out. */
  kills: Victim[];
  cancelled: boolean;
  /** How many devices ended how, and how many of them were past the line. */
  outcomes: Record<string, number>;
  crossed: number;
  /** How many devices needed a person, by why. */
  attention: Record<string, number>;
  milliseconds: number;
  violations: string[];
}

/** How long a run may take: each that is under way beside it, and each of their blows, makes it longer. In milliseconds. */
export const patienceFor = (together: number): number => 120_000 + together * 20_000;

export async function stageSeed(
  world: RunningStack,
  deregistering: Deregistering,
  plan: SeedPlan,
  devices: number,
): Promise<Staged> {
  const fleet = await deregistering.aFleet(devices);
  const { tenantId } = fleet.customer;
  // What is tested is what happens after it was allowed.
  await world.admin.query(
    `insert into registry.deregistration_guards (tenant_id, settings, updated_by) values ($1, '{"shrinkFloor": 1000000}', 'faults')`,
    [tenantId],
  );
  const ties = await readTies(world.admin, tenantId, fleet.deviceIds);
  const before = await readHoldings(world.admin, tenantId, ties);
  const rules = plan.strikes.map(({ fault: _, ...rule }) => ({ ...rule, tenantId }));
  await setMisbehaviour(deregistering.neighbours, rules, tenantId);
  return { plan, fleet, tenantId, ties, before };
}

/** The run, with everything that its seed does to it. Nothing is thrown: what does not end is a violation. */
export async function playSeed(
  world: RunningStack,
  deregistering: Deregistering,
  { plan, fleet, tenantId }: Staged,
  strike: (kill: Kill) => Promise<void>,
  patienceMs: number,
): Promise<Played> {
  const played: Played = {
    seed: plan.seed,
    runId: null,
    strikes: {},
    kills: [],
    cancelled: false,
    outcomes: {},
    crossed: 0,
    attention: {},
    milliseconds: 0,
    violations: [],
  };
  const began = performance.now();
  try {
    const runId = await deregistering.begin(fleet);
    played.runId = runId;
    let isOver = false;
    const blows = async () => {
      for (const kill of plan.kills) {
        if (!(await arrives(world, runId, kill, () => isOver))) return;
        played.kills.push(kill.victim);
        await strike(kill);
      }
    };
    const cancel = async () => {
      if (plan.cancel === null || !(await arrives(world, runId, plan.cancel, () => isOver))) return;
      await deregistering.cancel(fleet, runId);
    };
    const mend = () => again(() => finishWhatIsStuck(deregistering.neighbours, tenantId));
    const end = deregistering.end(fleet, runId, patienceMs, mend).finally(() => {
      isOver = true;
    });
    const [attention] = await Promise.all([end, blows(), cancel()]);
    played.attention = tallyOf(attention);
    played.violations.push(
      ...attention
        .filter(({ difference }) => (difference ?? '') === '')
        .map(({ deviceId, code }) => `${deviceId} needed attention for ${code}, without a difference`),
    );
  } catch (error) {
    played.violations.push(`it did not come to rest: ${(error as Error).message}`);
  }
  played.milliseconds = Math.round(performance.now() - began);
  return played;
}

/** Once nobody is killed any more: the neighbours come to rest, and every store is looked into. */
export async function checkSeed(
  world: RunningStack,
  deregistering: Deregistering,
  { plan, tenantId, before, ties }: Staged,
  played: Played,
): Promise<void> {
  const { runId } = played;
  if (runId === null) return;
  try {
    const struck = await world.admin.query<{ strikes: number }>(
      'select strikes from misbehaviour.rule where tenant_id = $1 order by id',
      [tenantId],
    );
    for (const [index, { strikes }] of struck.rows.entries()) {
      const { fault } = plan.strikes[index]!;
      played.strikes[fault] = (played.strikes[fault] ?? 0) + strikes;
    }
    await endMisbehaviour(deregistering.neighbours, tenantId);
    await quiescence(world.admin, tenantId);
    played.violations.push(...(await findViolations(world.admin, tenantId, runId, before, ties)));
    const { rows } = await world.admin.query<{ state: string; devices: number; crossed: number; cancelled: boolean }>(
      `select d.state, count(*)::int as devices, count(d.crossed_at)::int as crossed, bool_or(r.state = 'cancelled') as cancelled
       from registry.deregistration_device d join registry.run r on r.id = d.run_id where d.run_id = $1 group by d.state`,
      [runId],
    );
    for (const { state, devices, crossed, cancelled } of rows) {
      played.outcomes[state] = devices;
      played.crossed += crossed;
      played.cancelled ||= cancelled;
    }
  } catch (error) {
    played.violations.push(`it could not be checked: ${(error as Error).message}`);
  }
}

/** Waits until the moment has come. @returns false where the run was over before */
async function arrives(world: RunningStack, runId: string, moment: Moment, isOver: () => boolean): Promise<boolean> {
  while (!isOver()) {
    const { rows } = await world.admin
      .query<{ share: number }>(
        `select (select count(*) from registry.deregistration_step s where s.run_id = $1 and s.state = 'observed')::float8
           / (select sum(cardinality(d.steps)) from registry.deregistration_device d where d.run_id = $1) as share`,
        [runId],
      )
      .catch(() => ({ rows: [] }));
    if (rows[0] !== undefined && rows[0].share >= moment.share) {
      await pause(moment.delayMs);
      return !isOver();
    }
    await pause(20);
  }
  return false;
}

/** While PostgreSQL is away, for another seed's sake. */
async function again(work: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await pause(100)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

function tallyOf(attention: readonly Attention[]): Record<string, number> {
  const seen = new Map(attention.map(({ deviceId, code }) => [`${deviceId} ${code}`, code]));
  const counts: Record<string, number> = {};
  for (const code of seen.values()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
