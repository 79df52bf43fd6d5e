import { describe, expect, it } from '@jest/globals';
import { isReordering, moveTo } from './esp-order.js';
import { defaultEsp, espIssues, newEspSettings, type EspSettings } from './esp-settings.js';
import { resolveEsp, type CandidateEsp, type EspSubject } from './resolve-esp.js';

const app = (id: string) => ({ id, displayName: `App ${id}` });

describe('an enrolment status page', () => {
  it('has defaults that can be saved; only new pages install quality updates', () => {
    expect([...espIssues(newEspSettings), ...espIssues(defaultEsp.settings)]).toEqual([]);
    expect([newEspSettings.installQualityUpdates, defaultEsp.settings.installQualityUpdates]).toEqual([true, false]);
    expect(newEspSettings).toMatchObject({ installProgressTimeoutInMinutes: 60, showInstallationProgress: false });
  });

  it.each<[string, Partial<EspSettings>]>([
    ['esp.timeout', { installProgressTimeoutInMinutes: 0 }],
    ['esp.timeout', { installProgressTimeoutInMinutes: 1_441 }],
    ['esp.timeout', { installProgressTimeoutInMinutes: 1.5 }],
    ['esp.message-too-long', { customErrorMessage: 'x'.repeat(10_001) }],
    ['esp.too-many-apps', { blockingApps: Array.from({ length: 101 }, (_, index) => app(String(index))) }],
    ['esp.app-twice', { blockingApps: [app('a'), app('a')] }],
    ['esp.page-hidden', { blockDeviceUseUntilInstalled: true }],
  ])('is refused: %s', (code, change) => {
    expect(espIssues({ ...newEspSettings, ...change }).map((issue) => issue.code)).toEqual([code]);
  });

  it('takes a hundred blocking applications', () => {
    const blockingApps = Array.from({ length: 100 }, (_, index) => app(String(index)));
    expect(espIssues({ ...newEspSettings, blockingApps })).toEqual([]);
  });
});

describe('the order of pages', () => {
  it.each([
    [1, ['c', 'a', 'b']],
    [2, ['a', 'c', 'b']],
    [3, ['a', 'b', 'c']],
    [9, ['a', 'b', 'c']],
    [-1, ['c', 'a', 'b']],
  ])('moves the last one to %d', (priority, expected) => {
    expect(moveTo(['a', 'b', 'c'], 'c', priority)).toEqual(expected);
  });

  it('is changed only by another order of the same pages', () => {
    expect(isReordering(['a', 'b'], ['b', 'a'])).toBe(true);
    for (const wished of [['a'], ['a', 'a'], ['a', 'c'], ['a', 'b', 'c']])
      expect(isReordering(['a', 'b'], wished)).toBe(false);
  });
});

describe('which page is shown', () => {
  const page = (
    id: string,
    priority: number | null,
    groups: string[],
    settings: Partial<EspSettings> = {},
  ): CandidateEsp => ({
    id,
    displayName: id,
    priority,
    groups,
    settings: { ...newEspSettings, ...settings },
  });
  const last = page('default', null, []);
  const pages = [page('second', 2, ['kiosks', 'staff']), page('first', 1, ['pupils']), page('third', 3, ['berlin'])];
  const subject = (change: Partial<EspSubject>): EspSubject => ({
    deviceGroups: new Set(),
    userGroups: null,
    deploymentMode: 'user_driven',
    joinType: 'entra',
    osFamily: null,
    approvedApps: new Set(),
    ...change,
  });
  const shown = (change: Partial<EspSubject>) => {
    const { esp, via, viaGroups } = resolveEsp(subject(change), pages, last);
    return [esp.id, via, viaGroups];
  };

  it.each([
    [['kiosks', 'berlin'], ['pupils'], ['second', 'device', ['kiosks']]],
    [[], ['pupils', 'staff'], ['first', 'user', ['pupils']]],
    [[], ['nobody'], ['default', 'default', []]],
    [[], null, ['default', 'default', []]],
  ] as const)('devices in %j, users in %j: %j', (deviceGroups, userGroups, expected) => {
    expect(
      shown({ deviceGroups: new Set<string>(deviceGroups), userGroups: userGroups && new Set<string>(userGroups) }),
    ).toEqual(expected);
  });

  it.each(['self_deploying', 'pre_provisioned'] as const)('asks no user in the mode %s', (deploymentMode) => {
    expect(shown({ userGroups: new Set(['pupils']), deploymentMode })).toEqual(['default', 'default', []]);
    expect(resolveEsp(subject({ deploymentMode }), pages, last).userSkipped).toBe(true);
  });

  it('waits 40 minutes longer with hybrid join', () => {
    expect(resolveEsp(subject({}), pages, last).timeoutMinutes).toBe(60);
    expect(resolveEsp(subject({ joinType: 'hybrid' }), pages, last).timeoutMinutes).toBe(100);
  });

  it('lets Windows 11 SE wait for approved applications only', () => {
    const apps = page('apps', 1, ['pupils'], { blockingApps: [app('a'), app('b')] });
    const on = (osFamily: EspSubject['osFamily']) =>
      resolveEsp(subject({ deviceGroups: new Set(['pupils']), osFamily, approvedApps: new Set(['b']) }), [apps], last);
    expect(on('windows_11_se')).toMatchObject({ blockingApps: [app('b')], leftOut: [app('a')] });
    expect(on('windows_11')).toMatchObject({ blockingApps: [app('a'), app('b')], leftOut: [] });
  });
});
