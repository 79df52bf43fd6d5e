import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignmentStateOf, misfitOf, takesAssignedUser, type DeviceFacts } from './assignment-state.js';
import { isPictureOf } from './branding.js';
import { computerName, parseNameTemplate } from './name-template.js';
import { offlineFile } from './offline-file.js';
import { bitsOfOobeConfig, oobeConfigOf, oobeConfigOfBits } from './oobe-config.js';
import { profileIssues } from './profile-issues.js';
import { deploymentModes, defaultSettings, mergeSettings, type ProfileSettings } from './profile-settings.js';
import { checkTargets, hasTargets, untargeted, type ProfileTargets } from './profile-target.js';
import { resolveProfile, type CandidateProfile } from './resolve-profile.js';

const branded = { branded: true };
const issuesOf = (change: Partial<ProfileSettings>, surroundings = branded) =>
  profileIssues(
    { displayName: 'Kiosk', description: null, settings: mergeSettings(defaultSettings(), change) },
    surroundings,
  ).map(({ code, field }) => `${code} ${field}`);

describe('a profile', () => {
  it.each(deploymentModes)('in the mode %s has defaults that can be saved', (deploymentMode) => {
    expect(issuesOf(defaultSettings(deploymentMode), { branded: false })).toEqual([]);
  });

  it('takes along what follows from its mode, unless told otherwise', () => {
    const self = mergeSettings(defaultSettings(), { deploymentMode: 'self_deploying' });
    expect(self).toMatchObject({ userType: null, preprovisioningAllowed: false });
    expect(mergeSettings(self, { deploymentMode: 'pre_provisioned' })).toMatchObject({
      userType: 'administrator',
      preprovisioningAllowed: true,
    });
    expect(mergeSettings(defaultSettings(), { deploymentMode: 'user_driven', eulaHidden: true }).eulaHidden).toBe(true);
  });

  it.each<[string, Partial<ProfileSettings>]>([
    ['profile.join-type joinType', { deploymentMode: 'self_deploying', joinType: 'hybrid' }],
    ['profile.hybrid-only hybridAzureADJoinSkipConnectivityCheck', { hybridAzureADJoinSkipConnectivityCheck: true }],
    ['profile.user-type userType', { deploymentMode: 'self_deploying', userType: 'standard' }],
    ['profile.user-type userType', { userType: null }],
    ['profile.preprovisioning preprovisioningAllowed', { preprovisioningAllowed: true }],
    [
      'profile.preprovisioning preprovisioningAllowed',
      { deploymentMode: 'pre_provisioned', preprovisioningAllowed: false },
    ],
    ['profile.device-type deploymentMode', { deviceType: 'holoLens' }],
    [
      'profile.conversion hardwareHashExtractionEnabled',
      { deviceType: 'holoLens', deploymentMode: 'self_deploying', hardwareHashExtractionEnabled: true },
    ],
    ['profile.device-type deploymentMode', { deviceType: 'virtualMachine', deploymentMode: 'pre_provisioned' }],
    ['profile.locale locale', { locale: 'english' }],
    [
      'profile.keyboard-needs-language keyboardSelectionPageSkipped',
      { locale: '', keyboardSelectionPageSkipped: true },
    ],
    ['profile.join-type deviceNameTemplate', { joinType: 'hybrid', deviceNameTemplate: 'PC-%SERIAL%' }],
    ['name.only-digits deviceNameTemplate', { deviceNameTemplate: '%RAND:6%' }],
  ])('is refused: %s', (issue, change) => {
    expect(issuesOf(change)).toEqual([issue]);
  });

  it('refuses hybrid HoloLens for both reasons', () => {
    expect(issuesOf({ deviceType: 'holoLens', deploymentMode: 'self_deploying', joinType: 'hybrid' })).toEqual([
      'profile.join-type joinType',
      'profile.device-type joinType',
    ]);
  });

  it('hides account options only behind branding', () => {
    expect(issuesOf({ escapeLinkHidden: true })).toEqual([]);
    expect(issuesOf({ escapeLinkHidden: true }, { branded: false })).toEqual([
      'profile.branding-missing escapeLinkHidden',
    ]);
  });

  it.each([
    ['', 'profile.name-empty'],
    [' offlineautopilotprofile-1', 'profile.name-reserved'],
    ['x'.repeat(201), 'profile.name-too-long'],
    ['a\u0007', 'profile.name-character'],
  ])('cannot be named %j', (displayName, code) => {
    const issues = profileIssues({ displayName, description: null, settings: defaultSettings() }, branded);
    expect(issues.map((issue) => issue.code)).toEqual([code]);
  });

  it('has a description of at most 1500 characters', () => {
    const draft = { displayName: 'Kiosk', settings: defaultSettings() };
    expect(profileIssues({ ...draft, description: 'x'.repeat(1_500) }, branded)).toEqual([]);
    expect(profileIssues({ ...draft, description: 'x'.repeat(1_501) }, branded)).toHaveLength(1);
  });
});

describe('a name template', () => {
  const digits = (count: number) => '123456789012345'.slice(0, count);

  it.each([
    ['Test-Device-%SERIAL%', '123456', 'Test-Device-456'],
    ['Test%RAND:6%', null, 'Test123456'],
    ['%SERIAL%', '5CG1234ABC', '5CG1234ABC'],
    ['%SERIAL%', 'VMware-56 4d_1f/AABBCCDD', '564d1fAABBCCDD'.padStart(15, '-')],
    ['PC-%SERIAL%-%RAND:2%', 'ABCDEFGHIJ', 'PC-CDEFGHIJ-12'.replace('PC-C', 'PC-BC')],
    ['ABCDEFGHIJKLMNO', null, 'ABCDEFGHIJKLMNO'],
  ])('%s with %s makes %s', (template, serial, expected) => {
    expect(computerName(template, serial, digits)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['', 'name.empty', 0],
    ['PC_%SERIAL%', 'name.character', 2],
    ['PC %SERIAL%', 'name.character', 2],
    ['PC-%serial%', 'name.macro', 3],
    ['PC-%RAND:0%', 'name.macro', 3],
    ['PC-%RAND%', 'name.macro', 3],
    ['%SERIAL%%SERIAL%', 'name.macro', 8],
    ['12%RAND:3%', 'name.only-digits', 0],
    ['ABCDEFGHIJKLMNOP', 'name.too-long', 0],
    ['ABCDEFGHIJKLMNO%SERIAL%', 'name.too-long', 0],
    ['ABCDEFGHIJ%RAND:6%', 'name.too-long', 0],
  ])('%j is refused: %s at %d', (template, code, position) => {
    expect(parseNameTemplate(template)).toMatchObject({ ok: false, refusal: { code, position } });
  });

  it('makes no name without a serial number to put into it, nor one of digits alone', () => {
    expect(computerName('%SERIAL%', null, digits)).toMatchObject({ refusal: { code: 'name.serial-missing' } });
    expect(computerName('%SERIAL%', '__', digits)).toMatchObject({ refusal: { code: 'name.serial-missing' } });
    expect(computerName('%SERIAL%', '12345', digits)).toMatchObject({ refusal: { code: 'name.only-digits' } });
  });

  it('makes names that a computer can have, whatever the template and the serial number', () => {
    const pieces = fc.constantFrom('PC', '-', '7', '%SERIAL%', '%RAND:2%', '%RAND:9%');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 4 }), fc.option(fc.string()), (parts, serial) => {
        const name = computerName(parts.join(''), serial, digits);
        if (name.ok) expect(name.value).toMatch(/^(?=.*[A-Za-z-])[A-Za-z0-9-]{1,15}$/);
      }),
    );
  });
});

describe('the bit field for the device', () => {
  it.each([
    [28, ['skipExpressSettings', 'skipOemRegistration', 'skipEula']],
    [286, ['oobeUserNotLocalAdmin', 'skipExpressSettings', 'skipOemRegistration', 'skipEula', 'skipWindowsUpgradeUx']],
    [
      1_310,
      [
        'oobeUserNotLocalAdmin',
        'skipExpressSettings',
        'skipOemRegistration',
        'skipEula',
        'skipWindowsUpgradeUx',
        'skipKeyboard',
      ],
    ],
  ] as const)('%d is %j, both ways', (config, bits) => {
    expect(bitsOfOobeConfig(config)).toEqual(bits);
    expect(oobeConfigOfBits(bits)).toBe(config);
  });

  it.each<[number, Partial<ProfileSettings>]>([
    [264, {}],
    [286, { userType: 'standard', privacySettingsHidden: true, eulaHidden: true }],
    [
      1_310,
      { userType: 'standard', privacySettingsHidden: true, eulaHidden: true, keyboardSelectionPageSkipped: true },
    ],
    [264 + 96, { deploymentMode: 'self_deploying' }],
  ])('is %d for %j', (config, change) => {
    expect(oobeConfigOf(mergeSettings(defaultSettings(), change))).toBe(config);
  });
});

describe('the file for existing devices', () => {
  const source = (change: Partial<ProfileSettings>) => ({
    profileId: '2f0c2d5a-5d0e-4f5a-9d43-0a3c1c2b1a00',
    displayName: 'Büro “A”',
    settings: mergeSettings(defaultSettings(), change),
    tenantId: 'd1a4ad5c-0000-4000-8000-000000000001',
    tenantDomain: 'contoso.example',
  });

  it('says what the exporter says, in ASCII alone', () => {
    const file = offlineFile(
      source({
        deploymentMode: 'existing_devices',
        joinType: 'hybrid',
        hybridAzureADJoinSkipConnectivityCheck: true,
        escapeLinkHidden: true,
        keyboardSelectionPageSkipped: true,
        locale: 'en-US',
      }),
    );
    if (!file.ok) throw new Error(file.refusal);
    expect(file.value).toMatch(/^[\x20-\x7e\n]+$/);
    expect(JSON.parse(file.value)).toEqual({
      Comment_File: 'Profile Büro “A”',
      Version: 2049,
      ZtdCorrelationId: '2f0c2d5a-5d0e-4f5a-9d43-0a3c1c2b1a00',
      CloudAssignedTenantId: 'd1a4ad5c-0000-4000-8000-000000000001',
      CloudAssignedTenantDomain: 'contoso.example',
      CloudAssignedDomainJoinMethod: 1,
      CloudAssignedOobeConfig: 8 + 256 + 1024,
      CloudAssignedForcedEnrollment: 1,
      CloudAssignedAadServerData:
        '{"ZeroTouchConfig":{"CloudAssignedTenantUpn":"","ForcedEnrollment":1,"CloudAssignedTenantDomain":"contoso.example"}}',
      CloudAssignedAutopilotUpdateDisabled: 1,
      CloudAssignedAutopilotUpdateTimeout: 1800000,
      CloudAssignedLanguage: 'en-US',
      CloudAssignedRegion: 'os-default',
      HybridJoinSkipDCConnectivityCheck: 1,
    });
  });

  it('names the device where the profile does', () => {
    const file = offlineFile(source({ deviceNameTemplate: 'PC-%SERIAL%' }));
    expect(JSON.parse(file.ok ? file.value : '')).toMatchObject({
      CloudAssignedDeviceName: 'PC-%SERIAL%',
      CloudAssignedForcedEnrollment: 0,
    });
  });

  it.each(['self_deploying', 'pre_provisioned'] as const)('cannot tell of the mode %s', (deploymentMode) => {
    expect(offlineFile(source({ deploymentMode }))).toEqual({ ok: false, refusal: 'profile.not-exportable' });
  });
});

describe('targets', () => {
  it.each<[Partial<ProfileTargets>, string]>([
    [{ allDevices: true, excludedGroups: ['a'] }, 'profile.exclusion-of-all-devices'],
    [{ includedGroups: ['a'], excludedGroups: ['a'] }, 'profile.group-twice'],
    [{ includedGroups: ['a', 'a'] }, 'profile.group-twice'],
  ])('%j are refused: %s', (targets, refusal) => {
    expect(checkTargets({ ...untargeted, ...targets }, 'user_driven')).toEqual({ ok: false, refusal });
  });

  it('cannot be given to what travels in a file', () => {
    expect(checkTargets({ ...untargeted, allDevices: true }, 'existing_devices').ok).toBe(false);
    expect(checkTargets(untargeted, 'existing_devices').ok).toBe(true);
  });

  it('may be groups and all devices together', () => {
    const targets = { includedGroups: ['a'], excludedGroups: [], allDevices: true };
    expect(checkTargets(targets, 'user_driven').ok && hasTargets(targets)).toBe(true);
    expect(hasTargets(untargeted)).toBe(false);
  });
});

describe('resolution', () => {
  const profile = (id: string, createdAt: string, targets: Partial<ProfileTargets>): CandidateProfile => ({
    id,
    displayName: id,
    createdAt,
    targets: { ...untargeted, ...targets },
  });
  const old = profile('old', '2026-01-01', { includedGroups: ['kiosks'] });
  const recent = profile('recent', '2026-02-01', { includedGroups: ['kiosks', 'berlin'], excludedGroups: ['vip'] });
  const everyone = profile('everyone', '2025-01-01', { allDevices: true });
  const all = [recent, everyone, old];
  const outcome = (groups: string[], candidates = all) => {
    const { source, profile: winner, viaGroups, competitors } = resolveProfile(new Set(groups), candidates);
    return [source, winner?.id ?? null, viaGroups, competitors.map((each) => `${each.profile.id} ${each.lostBy}`)];
  };

  it('lets the oldest created win, and names whom it beat', () => {
    expect(outcome(['kiosks', 'berlin'])).toEqual([
      'group',
      'old',
      ['kiosks'],
      ['everyone all_devices', 'recent newer'],
    ]);
  });

  it('lets an exclusion win over every inclusion', () => {
    expect(outcome(['berlin', 'vip'])).toEqual(['all_devices', 'everyone', [], ['recent excluded']]);
    expect(outcome(['berlin', 'vip'], [recent])).toEqual(['built_in', null, [], ['recent excluded']]);
  });

  it('falls back to all devices, then to the built-in default', () => {
    expect(outcome([])).toEqual(['all_devices', 'everyone', [], []]);
    expect(outcome(['munich'], [old])).toEqual(['built_in', null, [], []]);
  });

  it('takes the older of two that are given to all devices', () => {
    const younger = profile('younger', '2026-06-01', { allDevices: true });
    expect(outcome([], [younger, everyone])).toEqual(['all_devices', 'everyone', [], ['younger newer']]);
  });

  it('decides between equals by id, and whatever the order they come in', () => {
    const twins = ['b', 'a', 'c'].map((id) => profile(id, '2026-01-01', { includedGroups: ['kiosks'] }));
    for (const candidates of [twins, [...twins].reverse()]) expect(outcome(['kiosks'], candidates)[1]).toBe('a');
  });
});

describe('fitting', () => {
  const unknown: DeviceFacts = { osFamily: null, deviceType: null, tpmVersion: null };
  const pc = { deviceType: 'windowsPc', deploymentMode: 'user_driven' } as const;
  const self = { deviceType: 'windowsPc', deploymentMode: 'self_deploying' } as const;
  const lens = { deviceType: 'holoLens', deploymentMode: 'self_deploying' } as const;

  it.each([
    [{}, self, null],
    [{ tpmVersion: '2.0' }, self, null],
    [{ tpmVersion: '1.2' }, self, 'hardware_requirements_not_met'],
    [{ tpmVersion: 'none' }, self, 'hardware_requirements_not_met'],
    [{ tpmVersion: 'none' }, pc, null],
    [{ deviceType: 'virtualMachine' }, pc, null],
    [{ deviceType: 'virtualMachine' }, self, 'hardware_requirements_not_met'],
    [{ deviceType: 'holoLens' }, pc, 'windows_pc_profile_not_supported'],
    [{ osFamily: 'holographic_2004_or_later' }, pc, 'windows_pc_profile_not_supported'],
    [{ osFamily: 'holographic_2004_or_later' }, lens, null],
    [{ deviceType: 'holoLens', tpmVersion: 'none' }, lens, null],
    [{ deviceType: 'windowsPc' }, lens, 'hololens_profile_not_supported'],
    [{ osFamily: 'windows_11' }, lens, 'os_family_not_supported'],
    [{ deviceType: 'holoLens', osFamily: 'windows_10' }, lens, 'os_family_not_supported'],
    [{ osFamily: 'windows_11_se' }, pc, null],
    [
      { deviceType: 'windowsPc' },
      { deviceType: 'surfaceHub2', deploymentMode: 'user_driven' },
      'surface_hub_profile_not_supported',
    ],
    [
      { deviceType: 'surfaceHub2' },
      { deviceType: 'surfaceHub2S', deploymentMode: 'user_driven' },
      'surface_hub_2s_profile_not_supported',
    ],
  ] as const)('%j on %j: %s', (device, demands, expected) => {
    expect(misfitOf({ ...unknown, ...device }, demands)).toBe(expected);
  });

  it('gives HoloLens no assigned user', () => {
    expect(takesAssignedUser({ ...unknown, deviceType: 'holoLens' })).toBe(false);
    expect(takesAssignedUser({ ...unknown, osFamily: 'holographic_2004_or_later' })).toBe(false);
    expect(takesAssignedUser(unknown)).toBe(true);
  });

  const desired = { profileId: 'a', version: 2 };
  it.each([
    [{ desired: null, observed: null }, 'unassigned', null],
    [{ desired, observed: null }, 'assigning', null],
    [{ desired, observed: { profileId: 'a', version: 1 } }, 'assigning', null],
    [{ desired: null, observed: desired }, 'assigning', null],
    [{ desired, observed: desired }, 'assigned', null],
    [
      { desired, observed: desired, misfit: 'hardware_requirements_not_met' },
      'failed',
      'hardware_requirements_not_met',
    ],
    [{ desired, observed: desired, repair: 'fix_pending' }, 'fix_pending', null],
    [
      { desired, observed: null, misfit: 'hardware_requirements_not_met', repair: 'attention_required' },
      'attention_required',
      null,
    ],
  ] as const)('an assignment with %j is %s', (facts, state, detail) => {
    expect(assignmentStateOf({ misfit: null, repair: 'none', ...facts })).toEqual({ state, detail });
  });
});

it('knows a picture by its beginning', () => {
  expect(isPictureOf('image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])).toBe(true);
  expect(isPictureOf('image/png', [0xff, 0xd8, 0xff])).toBe(false);
  expect(isPictureOf('image/jpeg', [0xff, 0xd8])).toBe(false);
});
