import { describe, expect, it } from '@jest/globals';
import { foldDevice } from '../membership/device-attributes.js';
import { parseRule } from '../membership/parse-rule.js';
import { isTargeted, whyNoCandidate, type EnrolledFacts } from './candidates.js';

const device = (more: Partial<EnrolledFacts> = {}): EnrolledFacts => ({
  osFamily: 'windows',
  osVersion: '10.0.26100.1',
  ownership: 'corporate',
  retirePending: false,
  ...more,
});

describe('a candidate for automatic registration', () => {
  it.each([
    ['an enrolled corporate device', device(), false, false, null],
    ['a registered one', device(), true, false, 'registered'],
    ['one that opted out', device(), false, true, 'opted_out'],
    ['a personal one', device({ ownership: 'personal' }), false, false, 'personal'],
    ['one on its way out', device({ retirePending: true }), false, false, 'leaving'],
    ['the oldest Windows', device({ osVersion: '10.0.17763.6414' }), false, false, null],
    ['an older one', device({ osVersion: '10.0.17134.1' }), false, false, 'unsupported_windows'],
    ['Windows 8.1', device({ osVersion: '6.3.9600' }), false, false, 'unsupported_windows'],
    ['a HoloLens', device({ osFamily: 'holographic' }), false, false, 'unsupported_windows'],
    ['a Mac', device({ osFamily: 'macos', osVersion: '15.1' }), false, false, 'unsupported_windows'],
  ] as const)('%s', (_, facts, registered, optedOut, expected) => {
    expect(whyNoCandidate(facts, registered, optedOut)).toBe(expected);
  });

  const rule = (text: string) => {
    const parsed = parseRule(text);
    if (!parsed.ok) throw new Error(parsed.refusal.message);
    return parsed.value;
  };
  const book = foldDevice({
    registrationId: 'x',
    groupTag: null,
    purchaseOrder: null,
    serialNumber: 'SN-1',
    displayName: 'SN-1',
    manufacturer: 'Fabrikam',
    model: 'Book 5',
    osFamily: null,
    deviceType: null,
  });
  const fabrikam = rule('(device.deviceManufacturer -eq "fabrikam")');
  const books = rule('(device.deviceModel -startsWith "Book")');

  it.each([
    ['no profile', [], false],
    ['a profile for all devices', [{ allDevices: true, include: [], exclude: [] }], true],
    ['one for all but such', [{ allDevices: true, include: [], exclude: [books] }], false],
    ['one for a group with such', [{ allDevices: false, include: [fabrikam], exclude: [] }], true],
    ['one for nobody', [{ allDevices: false, include: [], exclude: [] }], false],
    [
      'two, one of which fits',
      [
        { allDevices: false, include: [fabrikam], exclude: [books] },
        { allDevices: false, include: [books], exclude: [] },
      ],
      true,
    ],
  ])('is meant by %s', (_, targets, expected) => {
    expect(isTargeted(targets, book)).toBe(expected);
  });
});
