import { describe, expect, it } from '@jest/globals';
import { platformOfHash, platformOfManagement, type HashedPlatform } from './platform.js';
import { remediationAfter, remediations, type HardwareSighting } from './remediation.js';

describe('what a hash says of the platform', () => {
  const laptop: HashedPlatform = {
    operatingSystem: '10.0.26100.2314',
    manufacturer: 'Fabrikam',
    product: 'Book 5',
    virtual: false,
    tpm: "TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'INTC'-Firmware:1.2",
    complete: true,
  };

  it.each([
    ['a laptop', {}, 'windows_11', 'windowsPc', '2.0'],
    [
      'an older one',
      { operatingSystem: '10.0.19045.1', tpm: 'TPM-Version:1.2 -Level:2' },
      'windows_10',
      'windowsPc',
      '1.2',
    ],
    ['the last build of Windows 10 in doubt', { operatingSystem: '10.0.21999' }, 'windows_10', 'windowsPc', '2.0'],
    ['the first one of Windows 11', { operatingSystem: '10.0.22000.1' }, 'windows_11', 'windowsPc', '2.0'],
    ['one without a TPM', { tpm: null }, 'windows_11', 'windowsPc', 'none'],
    ['one whose TPM says something unknown', { tpm: 'firmware' }, 'windows_11', 'windowsPc', null],
    ['a damaged hash', { tpm: null, complete: false }, 'windows_11', null, null],
    ['a hash that names no system', { operatingSystem: '', tpm: null }, null, null, null],
    ['another system', { operatingSystem: 'Linux 6.8', tpm: null }, null, null, null],
    ['a virtual machine', { virtual: true, tpm: null }, 'windows_11', 'virtualMachine', 'none'],
    [
      'a HoloLens',
      { manufacturer: 'Microsoft Corporation', product: 'HoloLens 2', operatingSystem: '10.0.20348.1' },
      'holographic_2004_or_later',
      'holoLens',
      '2.0',
    ],
    [
      'a HoloLens that is too old',
      { manufacturer: 'Microsoft Corporation', product: 'HoloLens 2', operatingSystem: '10.0.18363.1' },
      null,
      'holoLens',
      '2.0',
    ],
    ['a hub', { manufacturer: 'Microsoft', product: 'Surface Hub 2S' }, 'windows_11', 'surfaceHub2S', '2.0'],
    ['the hub before', { manufacturer: 'Microsoft', product: 'Surface Hub 2' }, 'windows_11', 'surfaceHub2', '2.0'],
    ['another maker’s name', { product: 'HoloLens 2' }, 'windows_11', 'windowsPc', '2.0'],
  ])('%s', (_, more, osFamily, deviceType, tpmVersion) => {
    expect(platformOfHash({ ...laptop, ...more })).toEqual({ osFamily, deviceType, tpmVersion });
  });
});

describe('what management says of the platform', () => {
  it.each([
    [{ family: 'windows', version: '10.0.26100.1', deviceType: 'laptop' }, 'windows_11', 'windowsPc'],
    [{ family: 'windows', version: '10.0.19045.1', deviceType: 'virtual' }, 'windows_10', 'virtualMachine'],
    [
      { family: 'holographic', version: '10.0.20348.1', deviceType: 'hololens' },
      'holographic_2004_or_later',
      'holoLens',
    ],
    [{ family: 'windows', version: 'unknown', deviceType: 'tablet' }, null, 'windowsPc'],
    [{ family: 'ios', version: '17.1', deviceType: 'phone' }, null, null],
  ])('%j', (managed, osFamily, deviceType) => {
    expect(platformOfManagement(managed)).toEqual({ osFamily, deviceType });
  });
});

describe('hardware that changed under a registration', () => {
  const expected: Record<HardwareSighting, (present: (typeof remediations)[number] | null) => unknown> = {
    claimed: (present) => present ?? 'fix_pending',
    differs: () => 'attention_required',
    agrees: () => null,
  };
  for (const sighting of Object.keys(expected) as HardwareSighting[])
    it.each([null, ...remediations])(`seen as ${sighting} after %s`, (present) => {
      expect(remediationAfter(present, sighting)).toBe(expected[sighting](present));
    });
});
