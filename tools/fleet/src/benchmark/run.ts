import type { Snapshot } from '@groundcrew/matching';
import { compareSnapshots } from '@groundcrew/matching';
import { numberOf } from '../lot-number.js';
import { Random } from '../random.js';
import { decideByAdding } from './additive.js';
import { NEGATIVE_SCENARIOS } from './negative-scenarios.js';
import type { Form } from './observe.js';
import { observe, snapshotOf, snapshotThroughCodec } from './observe.js';
import { POSITIVE_SCENARIOS } from './positive-scenarios.js';
import type { Registered } from './registry.js';
import { Registry } from './registry.js';
import type { DeviceClass, Probe, Scenario, Scene } from './scenario.js';
import { CLASSES } from './scenario.js';
import type { Tally } from './tally.js';
import { add, aTally, count, countPosterior } from './tally.js';

export const SCENARIOS: readonly Scenario[] = [...POSITIVE_SCENARIOS, ...NEGATIVE_SCENARIOS];

export interface Plan {
  readonly seed: number;
  readonly fleet: number;
  /** Probes of a scenario in a class. */
  readonly trials: (scenario: string, kind: DeviceClass) => number;
  /** Share of probes that go through the bytes and text of their form; the rest is compared directly. */
  readonly throughCodec: number;
}

/** One row of the result: a scenario in a class, the indistinguishable apart. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly kind: DeviceClass;
  readonly distinguishable: Tally;
  /** Devices that carry the same evidence where they must match and where they must not, counted apart. */
  readonly indistinguishable: Tally;
}

/** Runs the probes of one shard of `shards`; the same probes are run however many shards there are. */
export function runScenarios(
  plan: Plan,
  shard = 0,
  shards = 1,
  say: (line: string) => void = () => undefined,
): ScenarioResult[] {
  const registry = new Registry(plan.seed, plan.fleet);
  say(`${plan.fleet} devices registered`);
  const bench = new Bench(registry, plan);
  const results: ScenarioResult[] = [];
  for (const [number, scenario] of SCENARIOS.entries()) {
    for (const kind of CLASSES) {
      const result = bench.run(scenario, number, kind, shard, shards);
      if (result !== null) results.push(result);
    }
    say(scenario.id);
  }
  return results;
}

/** Sums what shards counted. */
export function mergeShards(shards: readonly (readonly ScenarioResult[])[]): ScenarioResult[] {
  const [first = [], ...rest] = shards;
  for (const other of rest) {
    for (const [index, result] of other.entries()) {
      add(first[index]!.distinguishable, result.distinguishable);
      add(first[index]!.indistinguishable, result.indistinguishable);
    }
  }
  return [...first];
}

class Bench {
  private readonly byClass: Record<DeviceClass, Registered[]>;
  private readonly byModel = new Map<string, Registered[]>();
  private spares = 0;

  constructor(
    private readonly registry: Registry,
    private readonly plan: Plan,
  ) {
    this.byClass = { tpm: [], envelope: [], hash: [] };
    for (const registered of registry.devices) {
      const { device, form } = registered;
      const kind: DeviceClass = device.board.tpm !== null ? 'tpm' : form === 'envelope' ? 'envelope' : 'hash';
      this.byClass[kind].push(registered);
      const siblings = this.byModel.get(device.model.product + device.model.boardProduct);
      if (siblings === undefined) this.byModel.set(device.model.product + device.model.boardProduct, [registered]);
      else siblings.push(registered);
    }
  }

  run(scenario: Scenario, number: number, kind: DeviceClass, shard: number, shards: number): ScenarioResult | null {
    const expected = kind === 'tpm' ? scenario.expected.tpm : scenario.expected.none;
    const fits = scenario.fits ?? (() => true);
    const subjects = this.byClass[kind].filter(({ device }) => fits(device));
    if (expected === null || subjects.length === 0) return null;
    const result: ScenarioResult = {
      scenario: scenario.id,
      kind,
      distinguishable: aTally(),
      indistinguishable: aTally(),
    };
    const trials = this.plan.trials(scenario.id, kind);
    for (let trial = shard; trial < trials; trial += shards) {
      const random = new Random(this.plan.seed, number, CLASSES.indexOf(kind), trial);
      // Every probe has spare numbers of its own, in a namespace no fleet of this seed uses.
      this.spares = (trial * 16) % 2 ** 21;
      const subject = random.pick(subjects);
      const scene = this.sceneOf(subject, random);
      const probe = scenario.make(scene);
      if (probe !== null) this.probe(probe, scene, result, expected);
    }
    return result;
  }

  private sceneOf(subject: Registered, random: Random): Scene {
    const { registry } = this;
    const spareSeed = (this.plan.seed + 1 + random.below(4096)) % 16_384;
    return {
      registry,
      subject,
      random,
      spare: () => numberOf({ seed: spareSeed, index: 2 ** 21 + this.spares++ }),
      anybody: () => this.other(registry.devices, subject, random) ?? subject,
      sibling: () =>
        this.other(
          this.byModel.get(subject.device.model.product + subject.device.model.boardProduct) ?? [],
          subject,
          random,
        ),
    };
  }

  private other(among: readonly Registered[], subject: Registered, random: Random): Registered | null {
    const others = among.length > 1 ? random.pick(among) : subject;
    return others === subject ? (among.find((each) => each !== subject) ?? null) : others;
  }

  private probe(
    probe: Probe,
    scene: Scene,
    result: ScenarioResult,
    expected: readonly ('match' | 'review' | 'no-match')[],
  ): void {
    const { subject, random } = scene;
    if (probe.story !== undefined) {
      const outcome = probe.story();
      // A story that ends in a match of a stranger is a match to the subject, which it is not.
      const tally = isIndistinguishable(subject.snapshot, subject.snapshot)
        ? result.indistinguishable
        : result.distinguishable;
      count(tally, { outcome, deviceId: outcome === 'match' ? subject.id : null }, null, probe.owner, expected);
      return;
    }
    const form = probe.form ?? (result.kind === 'tpm' && random.chance(0.25) ? otherForm(subject.form) : subject.form);
    const observed = this.see(probe, form, random);
    const { decision, candidates } = this.registry.identify(observed);
    const additive = decideByAdding(observed, candidates, this.registry.size);
    const tally = isIndistinguishable(observed, subject.snapshot) ? result.indistinguishable : result.distinguishable;
    count(tally, decision, additive, probe.owner, expected);
    const best = decision.candidates[0];
    if (best !== undefined) countPosterior(tally, best.posterior, best.deviceId === probe.owner);
  }

  private see(probe: Probe, form: Form, random: Random): Snapshot {
    const report = observe(probe.device, random);
    const sent = probe.edit === undefined ? report : probe.edit(report);
    const key = probe.device.board.tpm?.key ?? null;
    if (probe.forgedModulus === true) return snapshotThroughCodec(sent, form, (key ?? 0) + 1);
    return random.chance(this.plan.throughCodec) ? snapshotThroughCodec(sent, form, key) : snapshotOf(sent, form);
  }
}

function otherForm(form: Form): Form {
  return form === 'envelope' ? 'hardware-hash' : 'envelope';
}

/**
 * The same evidence occurs where the device must match and where it must not: no TPM and no LAN address or product key id on
 * both sides, so a replaced board shows in nothing but serial numbers and UUID, all of which can be written, and here none of
 * them differs. Decided from the evidence alone, before any rule is asked.
 */
function isIndistinguishable(observed: Snapshot, registered: Snapshot): boolean {
  const { LAN, PKID, UUID, BSN, SN } = compareSnapshots(observed, registered).states;
  if (observed.endorsementKey !== '' || registered.endorsementKey !== '') return false;
  if (LAN !== 'missing' || PKID !== 'missing') return false;
  const written = [UUID, BSN, SN];
  return written.includes('agree') && !written.includes('disagree');
}
