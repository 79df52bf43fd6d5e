import {
  endMisbehaviour,
  finishWhatIsStuck,
  setMisbehaviour,
  type MisbehaviourKind,
  type MisbehaviourRule,
} from '@groundcrew/subsystems';
import { Random } from '@groundcrew/fleet';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDeregistering, type Deregistering } from '../support/deregistering.js';
import { findViolations, readHoldings, readTies } from '../support/deregistration-checker.js';
import { pause, startRunningStack, type RunningStack } from '../support/running-stack.js';
import { shortWaits } from './pulling-the-plug.js';

/** At which call of which neighbour each step asks, reads back, and is applied. */
const steps: Record<
  string,
  { neighbour: MisbehaviourRule['neighbour']; ask: string; read: string; act: string | null }
> = {
  retire_management: { neighbour: 'management', ask: 'retire', read: 'read', act: 'retire' },
  unassign_user: { neighbour: 'management', ask: 'unassignUsers', read: 'readAssignedUsers', act: 'unassign_users' },
  release_registration: { neighbour: 'directory', ask: 'release', read: 'observe', act: 'release' },
  sync: { neighbour: 'management', ask: 'sync', read: 'readSync', act: 'sync' },
  verify_gone: { neighbour: 'management', ask: 'readRegistered', read: 'readRegistered', act: null },
  remove_computer_object: {
    neighbour: 'management',
    ask: 'removeComputers',
    read: 'readComputers',
    act: 'remove_computers',
  },
  observe_directory_object: { neighbour: 'directory', ask: 'read', read: 'read', act: null },
};

/** How a fault strikes a step. */
interface Fault {
  kind: MisbehaviourKind;
  at: 'ask' | 'read' | 'act';
  more?: Partial<MisbehaviourRule>;
  /** Which steps can fail so; absent: each that has such a call. */
  only?: string[];
}

const faults: Record<string, Fault> = {
  latency: { kind: 'latency', at: 'ask', more: { delayMs: 700 } },
  'a 429 that says when to come back': { kind: 'throttled', at: 'ask', more: { retryAfterMs: 400 } },
  'a 429 that does not': { kind: 'throttled', at: 'ask' },
  'a 5xx': { kind: 'unavailable', at: 'ask', more: { atMost: 2 } },
  'a time-out after the effect': { kind: 'timed_out_after', at: 'ask' },
  'a delete that reappears': {
    kind: 'reappears',
    at: 'act',
    more: { delayMs: 10 },
    only: ['retire_management', 'release_registration'],
  },
  'a request that never finishes': { kind: 'never_finishes', at: 'act' },
  'a stale read': { kind: 'stale_read', at: 'read' },
};

/** Each fault at each step has 20 devices and a tenant of its own; two faults share a blow to the worker. */
const fleetSize = 20;
const waves = Object.keys(faults).flatMap((name, index, names) =>
  index % 2 === 0 ? [names.slice(index, index + 2)] : [],
);

function stepsStruckBy({ kind, at, more, only }: Fault): (MisbehaviourRule & { atMost: number })[] {
  return Object.entries(steps).flatMap(([step, calls]) => {
    const act = calls[at];
    if (act === null || only?.includes(step) === false) return [];
    return [{ neighbour: calls.neighbour, act, kind, atMost: 1, ...more }];
  });
}

/** The first half of the promise of issue 8: every fault at every step, and the worker killed meanwhile. */
describe('a deregistration of 20 devices whose neighbours misbehave and whose worker is killed', () => {
  let world: RunningStack;
  let deregistering: Deregistering;

  beforeAll(async () => {
    world = await startRunningStack(
      'shared',
      {
        ...shortWaits,
        GROUNDCREW_MISBEHAVIOUR: 'allowed',
        GROUNDCREW_NEIGHBOURS_POLL_MS: '20',
        GROUNDCREW_SYNC_INTERVAL_MS: '100',
        GROUNDCREW_OBSERVE_PATIENCE_MS: '500',
        GROUNDCREW_STEP_DEADLINE_MS: '6000',
        GROUNDCREW_BULK_ACTIVITIES: '4',
      },
      { supervise: true },
    );
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
      await quiescent();
      for (const [place, { tenantId, before, ties }] of cases.entries())
        expect(await findViolations(world.admin, tenantId, runs[place]!, before, ties)).toEqual([]);
    },
    120_000,
  );

  /** How often each rule has struck. */
  async function strikes(): Promise<Map<string, number>> {
    const { rows } = await world.admin.query<{ rule: string; strikes: number }>(
      `select kind || ' ' || tenant_id as rule, strikes from misbehaviour.rule`,
    );
    return new Map(rows.map(({ rule, strikes: count }) => [rule, count]));
  }

  /** Whatever neighbours have accepted was applied, and whatever was to come back has come. */
  async function quiescent(): Promise<void> {
    for (;;) {
      const { rows } = await world.admin.query<{ open: number }>(
        `select ((select count(*) from directory.request where applied_at is null)
               + (select count(*) from management.request where applied_at is null)
               + (select count(*) from misbehaviour.returning))::int as open`,
      );
      if (rows[0]!.open === 0) return;
      await pause(20);
    }
  }
});
