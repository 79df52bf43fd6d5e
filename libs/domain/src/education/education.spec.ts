import { describe, expect, it } from '@jest/globals';
import { foldDevice } from '../membership/device-attributes.js';
import { matches } from '../membership/matches.js';
import { parseRule } from '../membership/parse-rule.js';
import { acceptCapture, captureSources } from './capture-source.js';
import { mayGiveToSchoolGroup, ruleForGroupTag, wordsOf } from './school.js';

describe('a school', () => {
  it('speaks of itself in its own words', () => {
    expect(wordsOf.school).toMatchObject({
      ownership: 'school-owned',
      administrator: 'school administrator',
      member: 'student',
    });
    expect(Object.keys(wordsOf.school)).toEqual(Object.keys(wordsOf.organisation));
  });

  it.each(['Class 7b', 'say "hi"', '`', 'ß', '[OrderID]:x'])('has a group for the tag %s', (groupTag) => {
    const rule = parseRule(ruleForGroupTag(groupTag));
    if (!rule.ok) throw new Error(rule.refusal.message);
    const device = {
      registrationId: 'r',
      purchaseOrder: null,
      serialNumber: null,
      displayName: null,
      manufacturer: null,
      model: null,
      osFamily: null,
      deviceType: null,
    };
    expect(matches(rule.value, foldDevice({ ...device, groupTag }))).toBe(true);
    expect(matches(rule.value, foldDevice({ ...device, groupTag: `${groupTag}x` }))).toBe(false);
    expect(matches(rule.value, foldDevice({ ...device, groupTag: null }))).toBe(false);
  });

  it('gives a group one profile', () => {
    expect(mayGiveToSchoolGroup([], 'a').ok).toBe(true);
    expect(mayGiveToSchoolGroup(['a'], 'a').ok).toBe(true);
    expect(mayGiveToSchoolGroup(['b'], 'a')).toEqual({ ok: false, refusal: 'education.group-has-profile' });
  });
});

describe('a hash of Windows 11 SE', () => {
  it.each(captureSources)('declared as captured by %s is refused where that tool does not run there', (source) => {
    const impossible = source === 'powershell' || source === 'configuration_manager';
    expect(acceptCapture('windows_11_se', source).ok).toBe(!impossible);
    expect(acceptCapture('windows_11', source).ok).toBe(true);
  });

  it('is taken where nobody declares how it was captured', () => {
    expect(acceptCapture('windows_11_se', null).ok).toBe(true);
    expect(acceptCapture(null, 'powershell').ok).toBe(true);
  });
});
