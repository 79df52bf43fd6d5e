import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEmptyReport } from '../report.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { toSnapshot } from '../snapshot/to-snapshot.js';
import { compareSnapshots } from './compare.js';
import type { Candidate } from './decide.js';
import { decide } from './decide.js';
import { explain } from './explain.js';
import { judgeFreshness } from './freshness.js';
import { DEFAULT_POLICY, RULES } from './rules.js';

const context = { population: 100_000 };
const aSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  ...toSnapshot(anEmptyReport('envelope')),
  manufacturer: 'contoso',
  product: 'testbook 14',
  boardProduct: 'cb-1402',
  formFactor: 'notebook',
  endorsementKey: 'e'.repeat(64),
  uuid: 'a1'.repeat(16),
  serialNumber: 'serial01',
  boardSerial: 'board01',
  productKeyId: '0300000000001',
  lan: ['480000000001'],
  lanIsOnboard: true,
  wireless: ['940000000001'],
  bluetooth: ['940000000002'],
  systemDisks: ['disk0001'],
  memoryGigabytes: 16,
  processor: 'i5',
  ...changes,
});
const noTpm = { endorsementKey: '' };
const anotherBoard: Partial<Snapshot> = {
  endorsementKey: 'f'.repeat(64),
  uuid: 'b2'.repeat(16),
  boardSerial: 'board02',
  productKeyId: '0300000000002',
  lan: ['480000000002'],
};
const aCandidate = (changes: Partial<Snapshot> = {}, deviceId = 'device-1'): Candidate => ({
  deviceId,
  confirmed: aSnapshot(changes),
});
const ruleOf = (observed: Partial<Snapshot>, registered: Partial<Snapshot> = {}): string => {
  const { rule, outcome } = decide(aSnapshot(observed), [aCandidate(registered)], context);
  return `${rule} ${outcome}`;
};

describe('deciding about one candidate', () => {
  it.each<[string, Partial<Snapshot>, Partial<Snapshot>, string]>([
    ['the same report', {}, {}, 'A1 match'],
    [
      'every part new but the board',
      { systemDisks: ['x001'], wireless: ['94000000000a'], bluetooth: [], memoryGigabytes: 64, processor: 'i9' },
      {},
      'A1 match',
    ],
    ['one other mark of the board differs under the same TPM', { lan: ['480000000009'] }, {}, 'A1 match'],
    ['two other marks differ under the same TPM', { lan: ['480000000009'], uuid: 'c3'.repeat(16) }, {}, 'A2 review'],
    ['the serial number edited under the same TPM', { serialNumber: 'serial99' }, {}, 'A3 review'],
    ['a copied virtual machine with its TPM', { virtual: true, uuid: 'c3'.repeat(16) }, { virtual: true }, 'A4 review'],
    ['a new board with the old serial number', { ...anotherBoard }, {}, 'V1 no-match'],
    [
      'a new board with serial number and UUID written back',
      { ...anotherBoard, uuid: 'a1'.repeat(16) },
      {},
      'V1 no-match',
    ],
    ['another TPM and nothing else', { endorsementKey: 'f'.repeat(64) }, {}, 'V2 review'],
    ['another model', { ...noTpm, manufacturer: 'fabrikam' }, noTpm, 'V0 no-match'],
    ['a virtual machine with the UUID of its host', { ...noTpm, virtual: true }, noTpm, 'V0 no-match'],
    ['TPM switched off, three marks left', noTpm, {}, 'C1 match'],
    ['TPM switched off, two marks left', { ...noTpm, boardSerial: '', productKeyId: '' }, {}, 'C1 review'],
    ['TPM switched off and two marks differ', { ...anotherBoard, ...noTpm }, {}, 'C1N no-match'],
    ['no TPM, the same', noTpm, noTpm, 'C4 match'],
    [
      'no TPM, disk and radio and memory new',
      { ...noTpm, systemDisks: ['x001'], wireless: ['94000000000a'], bluetooth: [], memoryGigabytes: 8 },
      noTpm,
      'C4 match',
    ],
    ['no TPM, two marks differ', { ...anotherBoard, ...noTpm }, noTpm, 'C2 no-match'],
    [
      'no TPM, one mark and the serial number differ',
      { ...noTpm, lan: ['480000000009'], serialNumber: 'serial99' },
      noTpm,
      'C2 no-match',
    ],
    ['no TPM, only the serial number differs', { ...noTpm, serialNumber: 'serial99' }, noTpm, 'C5 review'],
    ['no TPM, only the LAN address differs', { ...noTpm, lan: ['480000000009'] }, noTpm, 'C3 review'],
    [
      'no TPM, one mark differs and only parts agree',
      { ...noTpm, serialNumber: '', boardSerial: '', productKeyId: '', uuid: 'c3'.repeat(16), lan: [] },
      noTpm,
      'P1 no-match',
    ],
    [
      'no TPM, one of two cards stayed',
      { ...noTpm, lanIsOnboard: false, lan: ['480000000001', '680000000009'] },
      { ...noTpm, lanIsOnboard: false, lan: ['480000000001', '680000000001'] },
      'C3M review',
    ],
    [
      'no TPM, serial number only',
      { ...noTpm, uuid: '', boardSerial: '', productKeyId: '', lan: [] },
      noTpm,
      'C5 review',
    ],
    [
      'only disk and radio',
      { ...anotherBoard, endorsementKey: 'f'.repeat(64), serialNumber: 'other' },
      {},
      'P1 no-match',
    ],
    [
      'only a model',
      {
        ...anotherBoard,
        ...noTpm,
        serialNumber: '',
        wireless: [],
        bluetooth: [],
        systemDisks: [],
        uuid: '',
        boardSerial: '',
        productKeyId: '',
        lan: [],
      },
      noTpm,
      'C6 no-match',
    ],
  ])('%s', (_what, observed, registered, expected) => {
    expect(ruleOf(observed, registered)).toBe(expected);
  });

  it('counts a UUID computed from the serial number as one mark', () => {
    const bare = { ...noTpm, boardSerial: '', productKeyId: '', lan: [] };
    expect(ruleOf(bare, bare)).toBe('C4 match');
    const derived = { ...bare, uuidFromSerial: true };
    expect(ruleOf(derived, derived)).toBe('C5 review');
  });

  it('never matches a partial report, a tuple or one whose TPM record contradicts itself', () => {
    const capOf = (changes: Partial<Snapshot>) => {
      const { outcome, candidates } = decide(aSnapshot(changes), [aCandidate()], context);
      return `${outcome} ${candidates[0]?.cap}`;
    };
    expect(capOf({ level: 'partial' })).toBe('review PARTIAL_REPORT');
    expect(capOf({ level: 'opaque' })).toBe('review OPAQUE_REPORT');
    expect(capOf({ findings: ['ek.differs-from-modulus'] })).toBe('review EK_DIFFERS_FROM_MODULUS');
  });

  it('counts contested evidence for nothing, and asks a person about a TPM two devices show', () => {
    const contested = (groups: Candidate['contested'] & object, changes: Partial<Snapshot>) =>
      decide(aSnapshot(changes), [{ ...aCandidate(changes), contested: groups }], context);
    expect(contested(['EK'], {})).toMatchObject({ rule: 'A5', outcome: 'review' });
    expect(contested(['UUID', 'BSN', 'LAN'], noTpm)).toMatchObject({ rule: 'C4', outcome: 'match' });
    expect(contested(['UUID', 'BSN', 'LAN', 'PKID'], noTpm)).toMatchObject({ rule: 'C5', outcome: 'review' });
  });

  it('is asked where the enrolment is too far away, however small the last step was', () => {
    const enrolled = aSnapshot({ ...anotherBoard, endorsementKey: '' });
    const candidate: Candidate = { ...aCandidate(noTpm), enrolled };
    expect(decide(aSnapshot(noTpm), [candidate], context)).toMatchObject({ rule: 'F1', outcome: 'review' });
  });

  it('follows the policy of the tenant', () => {
    const strict = {
      ...context,
      policy: { ...DEFAULT_POLICY, matchWithoutTpm: false, refuseUnexplainedKeyChange: true },
    };
    expect(decide(aSnapshot(noTpm), [aCandidate(noTpm)], strict).outcome).toBe('review');
    expect(decide(aSnapshot({ endorsementKey: 'f'.repeat(64) }), [aCandidate()], strict).outcome).toBe('no-match');
  });
});

describe('deciding between candidates', () => {
  const chassis = {
    ...anotherBoard,
    serialNumber: 'serial02',
    wireless: ['94000000000c'],
    bluetooth: ['94000000000d'],
    systemDisks: ['disk0002'],
  };

  it('lets identity follow the board when a registered one is put into another registered machine', () => {
    const observed = aSnapshot({
      serialNumber: 'serial02',
      wireless: ['94000000000c'],
      bluetooth: ['94000000000d'],
      systemDisks: ['disk0002'],
    });
    const decision = decide(observed, [aCandidate(chassis, 'chassis'), aCandidate({}, 'board')], context);
    expect(decision).toMatchObject({ outcome: 'match', deviceId: 'board', rule: 'A1' });
    expect(decision.candidates[1]).toMatchObject({ deviceId: 'chassis', outcome: 'no-match', rule: 'V3' });
  });

  it('asks when two fit equally', () => {
    const twins = [aCandidate(noTpm, 'one'), aCandidate(noTpm, 'two')];
    expect(decide(aSnapshot(noTpm), twins, context)).toMatchObject({ outcome: 'review', rule: 'D1', margin: 0 });
    expect(decide(aSnapshot(), [aCandidate({}, 'one'), aCandidate({}, 'two')], context)).toMatchObject({
      outcome: 'review',
      rule: 'D1',
    });
  });

  it('finds nobody among no candidates', () => {
    expect(decide(aSnapshot(), [], context)).toMatchObject({ outcome: 'no-match', deviceId: null, candidates: [] });
  });

  it('notes that a part was seen before', () => {
    const stranger = aSnapshot({ ...chassis, systemDisks: ['disk0001'], endorsementKey: 'd'.repeat(64) });
    expect(decide(stranger, [aCandidate()], context)).toMatchObject({ outcome: 'no-match', partSeenBefore: true });
  });
});

describe('explaining a decision', () => {
  it('shows masked values, groups by state and the smallest change that flips it', () => {
    const candidates = [aCandidate()];
    const observed = aSnapshot({ systemDisks: ['disk9999'], bluetooth: [], wireless: [] });
    const explanation = explain(decide(observed, candidates, context), observed, candidates, context);
    expect(explanation.disagree).toEqual(['DISK']);
    expect(explanation.missing).toEqual(['RADIO', 'DISPLAY']);
    expect(explanation.groups.find(({ group }) => group === 'DISK')).toMatchObject({
      observed: ['di…99'],
      registered: ['di…01'],
      reason: 'DISK_DISAGREE',
    });
    expect(JSON.stringify(explanation.groups)).not.toContain('serial01');
    // Losing the key would not be enough: three other marks of the board would still carry the match.
    expect(explanation.flip).toEqual({ group: 'SN', from: 'agree', to: 'disagree', outcome: 'review', rule: 'A3' });
  });

  it('offers only flips that the rules confirm, for any mixture of evidence', () => {
    const change = fc.record({
      endorsementKey: fc.constantFrom('', 'e'.repeat(64), 'f'.repeat(64)),
      uuid: fc.constantFrom('', 'a1'.repeat(16), 'b2'.repeat(16)),
      boardSerial: fc.constantFrom('', 'board01', 'board02'),
      lan: fc.constantFrom<string[]>([], ['480000000001'], ['480000000002']),
      productKeyId: fc.constantFrom('', '0300000000001', '0300000000002'),
      serialNumber: fc.constantFrom('', 'serial01', 'serial02'),
      wireless: fc.constantFrom<string[]>([], ['940000000001'], ['940000000009']),
      systemDisks: fc.constantFrom<string[]>([], ['disk0001'], ['disk0002']),
    });
    fc.assert(
      fc.property(change, change, (left, right) => {
        const [observed, candidates] = [aSnapshot(left), [aCandidate(right)]];
        const decision = decide(observed, candidates, context);
        const { flip, agree, disagree, missing, contested } = explain(decision, observed, candidates, context);
        expect(agree.length + disagree.length + missing.length + contested.length).toBe(12);
        if (flip !== null) expect(flip.outcome).not.toBe(decision.outcome);
        // A key that differs is never accepted, and nothing is without something that names a device.
        const { states } = compareSnapshots(observed, candidates[0]!.confirmed);
        if (states.EK === 'disagree') expect(decision.outcome).not.toBe('match');
        if (decision.outcome === 'match')
          expect(agree.some((group) => ['EK', 'UUID', 'BSN', 'LAN', 'PKID', 'SN'].includes(group))).toBe(true);
      }),
    );
  });

  it('says in one sentence what each rule means', () => {
    for (const rule of RULES) expect(rule.says).toMatch(/^[A-Z].+\.$/);
  });
});

describe('the moment of a report', () => {
  const demand = { purpose: 'online', expectedNonce: 'ab', seenBefore: false, lastConfirmedAt: null } as const;
  it.each([
    ['fresh with its nonce', { collectedAt: 1000, receivedAt: 1100, nonce: 'ab' }, demand, null],
    ['without a nonce', { collectedAt: 1000, receivedAt: 1100, nonce: '' }, demand, 'report.nonce-missing'],
    ['with another nonce', { collectedAt: 1000, receivedAt: 1100, nonce: 'cd' }, demand, 'report.nonce-wrong'],
    ['eleven minutes old', { collectedAt: 1000, receivedAt: 1661, nonce: 'ab' }, demand, 'report.too-old'],
    [
      'seen before',
      { collectedAt: 1000, receivedAt: 1100, nonce: 'ab' },
      { ...demand, seenBefore: true },
      'report.replayed',
    ],
    [
      'a hash older than the last confirmed',
      { collectedAt: 1000, receivedAt: 9000, nonce: '' },
      { ...demand, expectedNonce: '', lastConfirmedAt: 2000 },
      'report.replayed',
    ],
    [
      'from tomorrow’s tomorrow',
      { collectedAt: 200_000, receivedAt: 1000, nonce: '' },
      { ...demand, purpose: 'import' as const },
      'report.from-the-future',
    ],
    [
      'an old import',
      { collectedAt: 1000, receivedAt: 9_000_000, nonce: '' },
      { ...demand, purpose: 'import' as const },
      null,
    ],
  ])('%s', (_what, moment, wanted, expected) => {
    expect(judgeFreshness(moment, wanted)).toBe(expected);
  });
});
