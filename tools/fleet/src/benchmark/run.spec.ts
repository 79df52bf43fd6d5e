import { describe, expect, it } from '@jest/globals';
import { makeDevice } from '../device.js';
import { Random } from '../random.js';
import { observe, snapshotOf, snapshotThroughCodec } from './observe.js';
import { mergeShards, runScenarios, SCENARIOS } from './run.js';
import { planOf } from './sizes.js';
import { judgeTargets, NEVER_ACCEPTED, upperBound } from './targets.js';

describe('the matching benchmark, small', () => {
  // The benchmark's own seed. Fleets differ in how many blank white-box boards they have: recall through envelopes without a TPM was
  // 98.1 to 99.5 % over seeds 5 to 8, and the lowest of these cannot be told from a miss of 98 % with so few devices.
  const plan = {
    ...planOf('smoke', 11),
    fleet: 3_000,
    trials: (scenario: string) => (['P16', 'N15'].includes(scenario) ? 10 : 60),
  };
  const results = runScenarios(plan);
  const of = (kind: string, scenarios: (id: string) => boolean) =>
    results.filter((result) => result.kind === kind && scenarios(result.scenario));
  const sum = (chosen: typeof results, field: 'trials' | 'right' | 'wrong' | 'review' | 'additiveWrong') =>
    chosen.reduce((total, { distinguishable }) => total + distinguishable[field], 0);

  it('runs every scenario', () => {
    expect(new Set(results.map(({ scenario }) => scenario))).toEqual(new Set(SCENARIOS.map(({ id }) => id)));
  });

  it('never accepts a device it must not, with or without a TPM', () => {
    for (const kind of ['tpm', 'envelope', 'hash']) {
      const never = of(kind, (id) => NEVER_ACCEPTED.includes(id) || id === 'N04');
      expect(sum(never, 'trials')).toBeGreaterThan(350);
      expect(sum(never, 'wrong')).toBe(0);
    }
  });

  it('matches no device to another one', () => {
    expect(sum(results, 'wrong')).toBe(0);
  });

  it('falls short of no promised recall by more than a sample this small explains', () => {
    const best = (kind: string, ids: (id: string) => boolean, fields: readonly ('right' | 'review')[]) => {
      const chosen = of(kind, ids);
      return upperBound(
        fields.reduce((total, field) => total + sum(chosen, field), 0),
        sum(chosen, 'trials'),
      );
    };
    const recognised = (id: string) => /^P(0[1-8]|10|11)$/.test(id);
    const positive = (id: string) => id.startsWith('P');
    expect(best('tpm', recognised, ['right'])).toBeGreaterThanOrEqual(0.999);
    expect(best('envelope', recognised, ['right'])).toBeGreaterThanOrEqual(0.98);
    expect(best('hash', recognised, ['right'])).toBeGreaterThanOrEqual(0.94);
    expect(best('tpm', positive, ['right', 'review'])).toBeGreaterThanOrEqual(0.9999);
    expect(best('envelope', positive, ['right', 'review'])).toBeGreaterThanOrEqual(0.999);
    expect(best('hash', positive, ['right', 'review'])).toBeGreaterThanOrEqual(0.995);
  });

  it('is not too kind: adding up accepts at least half of the boards with serial number and UUID written back', () => {
    const n03 = of('tpm', (id) => id === 'N03');
    expect(sum(n03, 'additiveWrong') / sum(n03, 'trials')).toBeGreaterThanOrEqual(0.5);
  });

  it('counts the indistinguishable apart and shows that it cannot tell them', () => {
    const apart = (id: string) =>
      results
        .filter((result) => result.scenario === id)
        .reduce((total, { indistinguishable }) => total + indistinguishable.trials, 0);
    expect(apart('P01')).toBeGreaterThan(0);
    expect(apart('N03')).toBeGreaterThan(0);
    expect(
      results.filter(({ kind }) => kind === 'tpm').every(({ indistinguishable }) => indistinguishable.trials === 0),
    ).toBe(true);
  });

  it('calls no target met that its sample is too small for', () => {
    const falseAccepts = judgeTargets(results).find(
      ({ metric }) => metric.startsWith('false accepts on N01') && metric.endsWith('(TPM)'),
    );
    expect(falseAccepts).toMatchObject({ value: 0, met: false });
    expect(falseAccepts?.note).toContain('no more than 7.1e-3');
    expect(upperBound(0, 3_000_000)).toBe(1e-6);
  });
});

describe('shards', () => {
  it('ask the same probes as one run', () => {
    const plan = {
      seed: 3,
      fleet: 200,
      trials: (scenario: string) => (/^[PN]0[1-3]$/.test(scenario) ? 10 : 0),
      throughCodec: 0,
    };
    // Sums of posteriors are added in another order, so their last digits may differ.
    const counts = (results: ReturnType<typeof runScenarios>): unknown =>
      results.map(({ distinguishable: { bins: _bins, ...own }, indistinguishable: { bins: _other, ...apart } }) => [
        own,
        apart,
      ]);
    expect(counts(mergeShards([runScenarios(plan, 0, 2), runScenarios(plan, 1, 2)]))).toEqual(
      counts(runScenarios(plan)),
    );
  });
});

describe('comparing a report directly', () => {
  it('is comparing what the codec gives back', () => {
    for (let index = 0; index < 200; index += 1) {
      const device = makeDevice({ seed: 9, index });
      const report = observe(device, new Random(9, index));
      for (const form of ['hardware-hash', 'envelope'] as const) {
        const { masked: _one, collectedAt: _then, ...direct } = snapshotOf(report, form);
        const {
          masked: _other,
          collectedAt: _too,
          ...decoded
        } = snapshotThroughCodec(report, form, device.board.tpm?.key ?? null);
        expect(decoded).toEqual(direct);
      }
    }
  });
});
