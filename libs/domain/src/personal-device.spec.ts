import { describe, expect, it } from '@jest/globals';
import { asksForPersonalDevices, joinedVerdict, personalVerdict } from './personal-device.js';

describe('a device that is somebody’s own', () => {
  it.each([
    ['workplace-joined', { registrationId: null, join: 'Workplace' }, 'workplace_joined'],
    ['enrolled without having joined', { registrationId: null, join: null }, 'management_only'],
    ['joined', { registrationId: null, join: 'AzureAd' }, null],
    ['hybrid', { registrationId: null, join: 'ServerAd' }, null],
    ['set up through a registration', { registrationId: 'r', join: null }, null],
  ] as const)('is what is %s: %j', (_, standing, verdict) => {
    expect(personalVerdict(standing)).toBe(verdict);
  });

  it('is told by the directory where it is workplace-joined; any other join is 814', () => {
    expect([joinedVerdict('Workplace'), joinedVerdict('AzureAd'), joinedVerdict(null)]).toEqual([
      'workplace_joined',
      'already_joined',
      'already_joined',
    ]);
  });

  it('is asked for where a tenant’s own devices are registered, and not in an order', () => {
    expect(asksForPersonalDevices('import')).toBe(true);
    expect(asksForPersonalDevices('automatic_registration')).toBe(true);
    expect(asksForPersonalDevices('registration_order')).toBe(false);
  });
});
