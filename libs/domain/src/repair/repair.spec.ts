import { describe, expect, it } from '@jest/globals';
import { verdicts } from '../verdict.js';
import { mayTakeBoard, problemOfHash } from './donor-board.js';
import { stepOfRepair } from './repair-steps.js';
import {
  awaitsHash,
  isRepairOver,
  repairLifecycle,
  repairStates,
  whatIsDue,
  type RepairEvent,
  type RepairState,
} from './repair-case.js';

const after = (...events: RepairEvent[]): RepairState | undefined =>
  events.reduce<RepairState | undefined>((state, event) => state && repairLifecycle[state][event], 'opened');

describe('a repair', () => {
  it.each([
    [['deregister', 'deregistered', 'hash_submitted', 'registered'], 'closed'],
    [['deregister', 'deregistered', 'hash_submitted', 'refused', 'hash_submitted', 'registered'], 'closed'],
    [['deregister', 'deregistered', 'cancel', 'restored'], 'cancelled'],
    [['deregister', 'deregistered', 'cancel', 'not_restored', 'hash_submitted', 'registered'], 'closed'],
    [['deregister', 'stayed'], 'cancelled'],
    [['deregister', 'deregistered', 'expire'], 'expired'],
    [['deregister', 'deregistered', 'hash_submitted', 'refused', 'expire'], 'expired'],
  ] as const)('that goes through %j is %s', (events, state) => expect(after(...events)).toBe(state));

  it.each([
    ['hash_submitted', ['opened', 'deregistering', 'registering', 'restoring', 'closed', 'cancelled', 'expired']],
    ['cancel', ['opened', 'deregistering', 'registering', 'restoring', 'closed', 'cancelled', 'expired']],
    ['registered', ['opened', 'deregistering', 'at_workshop', 'restoring', 'needs_attention', 'closed']],
  ] as const)('takes no %s while it is %j', (event, states) => {
    for (const state of states) expect(repairLifecycle[state][event]).toBeUndefined();
  });

  it('has three ends, and every other state can reach one', () => {
    expect(repairStates.filter(isRepairOver)).toEqual(['closed', 'cancelled', 'expired']);
    const ends = (state: RepairState, seen: RepairState[] = []): boolean =>
      isRepairOver(state) ||
      Object.values(repairLifecycle[state]).some((next) => !seen.includes(next) && ends(next, [...seen, state]));
    for (const state of repairStates) expect(ends(state)).toBe(true);
    expect(repairStates.filter(awaitsHash)).toEqual(['at_workshop', 'needs_attention']);
  });
});

describe('the steps of a repair', () => {
  it('show something wherever somebody is waited for, and a hash wherever one may be sent', () => {
    for (const state of repairStates.filter((each) => each !== 'opened'))
      expect(stepOfRepair[state] === null).toBe(isRepairOver(state));
    for (const state of repairStates.filter(awaitsHash)) expect(stepOfRepair[state]).toBe('await_hash');
  });
});

describe('while the workshop works', () => {
  const patience = { reminderMs: 100, expiryMs: 350 };
  it.each([
    [0, 0, { due: 'nothing', inMs: 100 }],
    [99, 0, { due: 'nothing', inMs: 1 }],
    [100, 0, { due: 'reminder', number: 1 }],
    [100, 1, { due: 'nothing', inMs: 100 }],
    [299, 0, { due: 'reminder', number: 2 }],
    [300, 3, { due: 'nothing', inMs: 50 }],
    [350, 3, { due: 'expiry' }],
    [9_999, 0, { due: 'expiry' }],
  ] as const)('after %i ms with %i reminders', (waited, reminders, due) =>
    expect(whatIsDue(patience, waited, reminders)).toEqual(due),
  );

  it('the next thing due comes later, whatever was reminded of', () => {
    for (let waited = 0; waited < 350; waited += 7)
      for (let reminders = 0; reminders < 4; reminders += 1) {
        const next = whatIsDue(patience, waited, reminders);
        if (next.due === 'nothing') expect(next.inMs).toBeGreaterThan(0);
      }
  });
});

describe('the board that goes in', () => {
  const device = 'damaged';
  it.each([
    [null, { ok: true, value: 'new_board' }],
    [
      { deviceId: 'donor', registered: false },
      { ok: true, value: 'freed_board' },
    ],
    [
      { deviceId: 'donor', registered: true },
      { ok: false, refusal: 'repair.donor-registered' },
    ],
    [
      { deviceId: device, registered: true },
      { ok: false, refusal: 'repair.donor-is-the-device' },
    ],
  ] as const)('from %j', (donor, decision) => expect(mayTakeBoard(device, donor)).toEqual(decision));

  it('that is registered says whose deregistration comes first', () => {
    expect(problemOfHash('already_registered', 'donor')).toMatchObject({
      code: 'repair.board-registered',
      message: expect.stringContaining('as donor'),
    });
    expect(problemOfHash('owned_elsewhere', null).message).toContain('by another owner');
    expect(problemOfHash('hash_invalid', null)).toEqual({
      code: 'repair.hash-refused',
      message: expect.stringContaining('Capture the hardware hash again'),
    });
  });

  it('of a device that only resembles a registered one leads to the repair case', () => {
    expect(verdicts.needs_review.next).toContain('repair case');
  });
});
