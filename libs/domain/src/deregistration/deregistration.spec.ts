import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  cancelReport,
  courseEnds,
  courseStates,
  defaultGuards,
  deregistrationPaths,
  deregistrationSteps,
  deregistrationStrategies,
  deviceCourse,
  differencesOf,
  endOf,
  guardsAgainst,
  guardsOf,
  hasEnded,
  isReversible,
  keptBecause,
  onCancel,
  planDevice,
  pointOfNoReturn,
  renderPointOfNoReturn,
  resolve,
  resolutions,
  stepsAfterTheLine,
  stepsBeforeTheLine,
  stepsFor,
  takenBackBefore,
  theLine,
  type CourseEvent,
  type CourseState,
  type DeregistrationGuards,
  type DeregistrationPath,
  type GuardRefusal,
  type PlannedFacts,
} from './index.js';

const facts = (more: Partial<PlannedFacts> = {}): PlannedFacts => ({
  deviceId: 'd',
  serialNumber: 'SN1',
  version: 1,
  managedDeviceId: null,
  userId: null,
  userName: null,
  registeredUser: null,
  recoveryKeys: 0,
  directoryObjectId: 'o',
  computerObjectId: null,
  hold: null,
  busyWith: null,
  ...more,
});
const everything = { managedDeviceId: 'm', userId: 'u', computerObjectId: 'c' };
const nothing = { managedDeviceId: null, userId: null, computerObjectId: null };

describe('the paths of a deregistration', () => {
  const table: [DeregistrationPath, typeof everything | typeof nothing, string[] | 'refused'][] = [
    ['tenant_admin', everything, [...deregistrationSteps]],
    [
      'tenant_admin',
      nothing,
      ['remove_registration', 'release_registration', 'sync', 'verify_gone', 'observe_directory_object'],
    ],
    ['microsoft_365', everything, 'refused'],
    [
      'microsoft_365',
      nothing,
      ['remove_registration', 'release_registration', 'sync', 'verify_gone', 'observe_directory_object'],
    ],
    ['partner', everything, ['remove_registration', 'release_registration', 'observe_directory_object']],
    ['oem', everything, ['remove_registration', 'release_registration', 'observe_directory_object']],
    ['opt_out', everything, ['remove_registration', 'release_registration', 'observe_directory_object']],
  ];
  it.each(table)('%s of %j: %j', (path, device, steps) => {
    expect(stepsFor(path, device as typeof everything)).toEqual(
      steps === 'refused' ? { ok: false, refusal: 'deregistration.managed' } : { ok: true, value: steps },
    );
  });

  it.each(deregistrationPaths)(
    '%s takes its steps in the one order, crosses the line once, and tells the directory last',
    (path) => {
      const steps = deregistrationStrategies[path].steps.map(({ step }) => step);
      expect(steps).toEqual(deregistrationSteps.filter((step) => steps.includes(step)));
      expect(steps.filter((step) => step === theLine)).toHaveLength(1);
      expect(steps.at(-1)).toBe('observe_directory_object');
      expect([...stepsBeforeTheLine(path), theLine, ...stepsAfterTheLine(path)]).toEqual(steps);
    },
  );

  it('only who keeps the device managed says that something remains, and only opting out lasts', () => {
    for (const path of deregistrationPaths) {
      const { managed, remains, optsOut } = deregistrationStrategies[path];
      expect(remains.length > 0).toBe(managed === 'keep');
      expect(optsOut).toBe(path === 'opt_out');
    }
  });
});

describe('the point of no return', () => {
  it('has an undo for each step before the line, and none from it on', () => {
    for (const step of deregistrationSteps) expect(pointOfNoReturn[step].undo !== null).toBe(isReversible(step));
    expect(deregistrationSteps.filter(isReversible)).toEqual(stepsBeforeTheLine('tenant_admin'));
  });

  it('takes the last act back first, and nothing from the line on', () => {
    expect(takenBackBefore('unassign_user')).toEqual([]);
    expect(takenBackBefore('retire_management')).toEqual(['unassign_user']);
    expect(takenBackBefore(null)).toEqual(['retire_management', 'unassign_user']);
  });

  it('stands in docs/deregistration.md as it stands here', () => {
    const page = readFileSync(new URL('../../../../docs/deregistration.md', import.meta.url), 'utf8');
    const [, table] = /<!-- point-of-no-return:begin -->\n([^]*?)\n<!-- point-of-no-return:end -->/.exec(page) ?? [];
    expect(table?.trim()).toBe(renderPointOfNoReturn());
  });
});

describe('the course of a device', () => {
  const moves: [CourseState, CourseEvent, CourseState][] = [
    ['going', 'park', 'needs_attention'],
    ['going', 'finish', 'deregistered'],
    ['going', 'finish_kept', 'deregistered_kept'],
    ['going', 'finish_skipped', 'skipped'],
    ['going', 'restore', 'restored'],
    ['needs_attention', 'park', 'needs_attention'],
    ['needs_attention', 'retry', 'going'],
    ['needs_attention', 'skip', 'going'],
    ['needs_attention', 'abandon', 'abandoned'],
    ['needs_attention', 'undo', 'going'],
  ];
  it('moves as this table says, and no other way', () => {
    const found = courseStates.flatMap((state) =>
      Object.entries(deviceCourse[state]).map(([event, next]) => [state, event, next]),
    );
    expect(found).toEqual(moves);
  });

  it('ends where nothing moves it any more', () => {
    expect(courseEnds).toEqual(['deregistered', 'deregistered_kept', 'restored', 'skipped', 'abandoned']);
  });

  it('ends by what was observed and by what a person said', () => {
    expect(endOf({ keptBecause: null, skipped: false })).toBe('deregistered');
    expect(endOf({ keptBecause: 'Kept, because …', skipped: false })).toBe('deregistered_kept');
    expect(endOf({ keptBecause: 'Kept, because …', skipped: true })).toBe('skipped');
  });

  it.each(courseStates.flatMap((state) => [true, false].map((crossed) => [state, crossed] as const)))(
    'a cancel finds it %s, crossed: %s',
    (state, crossed) => {
      const expected = hasEnded(state) ? 'ended' : crossed ? 'forward' : 'restore';
      expect(onCancel({ state, crossed })).toBe(expected);
    },
  );

  it('a cancelled run counts what reached the line as gone forward', () => {
    expect(cancelReport({ restored: 3, deregistered: 2, abandoned: 1 }, 3)).toEqual({ restored: 3, wentForward: 3 });
    expect(cancelReport({}, 0)).toEqual({ restored: 0, wentForward: 0 });
  });

  const attention = { state: 'needs_attention', step: 'retire_management', crossed: false, undoing: false } as const;
  it.each([
    ['retry', attention, null, { state: 'going', go: 'again' }],
    ['skip', attention, 'the record is known to be wrong', { state: 'going', go: 'next' }],
    ['abandon', attention, 'sold as it is', { state: 'going', go: 'undo' }],
    ['abandon', { ...attention, undoing: true }, 'it enrols again', { state: 'abandoned', go: 'none' }],
    ['retry', { ...attention, undoing: true }, null, { state: 'going', go: 'again' }],
    ['abandon', { ...attention, step: 'sync', crossed: true }, 'enough', { state: 'abandoned', go: 'none' }],
  ] as const)('%s of %j because %s', (resolution, device, reason, resolved) => {
    expect(resolve(device, resolution, reason)).toEqual({ ok: true, value: resolved });
  });

  it('refuses to resolve what needs nobody, to skip the line, and to do either without a reason', () => {
    for (const state of courseStates.filter((each) => each !== 'needs_attention'))
      for (const resolution of resolutions)
        expect(resolve({ ...attention, state }, resolution, 'why')).toEqual({
          ok: false,
          refusal: 'deregistration.nothing-to-resolve',
        });
    expect(resolve({ ...attention, step: theLine }, 'skip', 'why')).toMatchObject({
      refusal: 'deregistration.cannot-skip-line',
    });
    for (const resolution of ['skip', 'abandon'] as const)
      expect(resolve(attention, resolution, ' ')).toMatchObject({ refusal: 'deregistration.reason-missing' });
  });

  it('says in words why an object stays', () => {
    expect(keptBecause(['management', 'join'])).toBe(
      'Kept, because the device is enrolled in management and the device is joined to the directory.',
    );
    expect(keptBecause([])).toBe('Kept, because the directory still shows it.');
  });
});

describe('a plan', () => {
  it('names what is lost where management is retired, and nothing where the device stays enrolled', () => {
    const managed = facts({ managedDeviceId: 'm', userId: 'u', userName: 'u@contoso', recoveryKeys: 2 });
    expect(planDevice('tenant_admin', managed).losses).toEqual({ recoveryKeys: 2, userName: 'u@contoso' });
    expect(planDevice('partner', managed).losses).toEqual({ recoveryKeys: 0, userName: null });
    const meant = facts({ registeredUser: 'ada@contoso.com' });
    expect(planDevice('partner', meant).losses).toEqual({ recoveryKeys: 0, userName: 'ada@contoso.com' });
  });

  it.each([
    [{}, []],
    [{ hold: 'hold' }, ['hold']],
    [{ hold: 'legal_hold' }, ['legal_hold']],
    [{ busyWith: { runId: 'r', kind: 'repair' } }, ['repair_case']],
    [{ busyWith: { runId: 'r', kind: 'registration' } }, ['other_run']],
    [{ managedDeviceId: 'm', hold: 'hold' }, ['hold', 'managed']],
  ] as const)('of %j in Microsoft 365 is blocked by %j', (more, blocks) => {
    expect(planDevice('microsoft_365', facts(more as Partial<PlannedFacts>)).blocks).toEqual(blocks);
  });

  it('holds while nothing has moved, and tells each thing that has', () => {
    const planned = facts({ managedDeviceId: 'm', busyWith: null });
    expect(differencesOf(planned, facts({ managedDeviceId: 'm' }))).toEqual([]);
    expect(differencesOf(planned, null)).toEqual([
      { deviceId: 'd', field: 'registration', planned: 'registered', now: null },
    ]);
    const moved = facts({
      version: 2,
      userId: 'u',
      recoveryKeys: 1,
      hold: 'hold',
      busyWith: { runId: 'r', kind: 'repair' },
    });
    expect(differencesOf(planned, moved).map(({ field, planned: before, now }) => [field, before, now])).toEqual([
      ['version', '1', '2'],
      ['managedDeviceId', 'm', null],
      ['userId', null, 'u'],
      ['recoveryKeys', '0', '1'],
      ['hold', null, 'hold'],
      ['busyWith', null, 'repair r'],
    ]);
  });
});

describe('the guards', () => {
  const guards: DeregistrationGuards = guardsOf({ mostPerRun: 500, mostPerDay: 600 });
  const plan = { devices: 10, author: 'user:a', byFilter: false, devicesWithRecoveryKeys: 0 };
  const execution = { principal: 'user:a', typedCount: null, recoveryKeysReason: null, approvedBy: null };
  const inventory = { registeredNow: 10_000, lastDay: 0 };
  const table: [string, object, object, object, GuardRefusal[]][] = [
    ['a few devices', {}, {}, {}, []],
    ['more than a run may have', { devices: 501 }, { approvedBy: 'user:b' }, {}, ['guard.run-limit']],
    ['more than a day may have', { devices: 90 }, {}, { lastDay: 511 }, ['guard.day-limit']],
    ['many devices that nobody approved', { devices: 101 }, {}, {}, ['guard.second-person']],
    [
      'many devices that their author approved',
      { devices: 101 },
      { approvedBy: 'user:a' },
      {},
      ['guard.second-person'],
    ],
    ['many devices that another person approved', { devices: 101 }, { approvedBy: 'user:b' }, {}, []],
    ['a filter without its number', { byFilter: true }, {}, {}, ['guard.typed-count']],
    ['a filter with another number', { byFilter: true }, { typedCount: 11 }, {}, ['guard.typed-count']],
    ['a filter with its number', { byFilter: true }, { typedCount: 10 }, {}, []],
    [
      'too much of a small inventory',
      { devices: 60 },
      {},
      { registeredNow: 350, lastDay: 50 },
      ['guard.inventory-shrinks'],
    ],
    ['a share of next to nothing', { devices: 60 }, {}, { registeredNow: 60 }, []],
    ['escrowed keys', { devicesWithRecoveryKeys: 1 }, {}, {}, ['guard.recovery-keys']],
    [
      'escrowed keys with a reason',
      { devicesWithRecoveryKeys: 1 },
      { recoveryKeysReason: 'kept in the vault' },
      {},
      [],
    ],
    [
      'several at once',
      { devices: 700, byFilter: true },
      {},
      { registeredNow: 1_000 },
      ['guard.run-limit', 'guard.day-limit', 'guard.second-person', 'guard.typed-count', 'guard.inventory-shrinks'],
    ],
  ];
  it.each(table)('%s', (_, morePlan, moreExecution, moreInventory, expected) => {
    expect(
      guardsAgainst(
        guards,
        { ...plan, ...morePlan },
        { ...execution, ...moreExecution },
        { ...inventory, ...moreInventory },
      ),
    ).toEqual(expected);
  });

  it('are the defaults where a tenant says nothing', () => {
    expect(guardsOf({})).toEqual(defaultGuards);
  });
});
