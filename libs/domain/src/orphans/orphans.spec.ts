import { describe, expect, it } from '@jest/globals';
import {
  judgeManaged,
  judgeObject,
  judgePartnerView,
  judgeRegistration,
  orphanClasses,
  orphanRepairs,
  proposedRepair,
  repairableOrphans,
  type ManagedFacts,
  type ObjectFacts,
} from './orphans.js';

const registration = { registrationId: 'r', serialNumber: 'SN-1' };
const object = (more: Partial<ObjectFacts> = {}): ObjectFacts => ({
  objectId: 'o',
  registrationId: 'r',
  displayName: 'SN-1',
  physicalIds: ['[ZTDid]:R', '[OrderId]:Kiosk'],
  trustType: null,
  usedBy: ['registration'],
  ...more,
});
const managed = (more: Partial<ManagedFacts> = {}): ManagedFacts => ({
  managedDeviceId: 'm',
  registrationId: 'r',
  directoryObjectId: 'o',
  serialNumber: 'SN-1',
  retirePending: false,
  ...more,
});

describe('what is an orphan', () => {
  it.each([
    ['tagged, in whatever case', object(), null],
    ['missing', null, 'registration_without_object'],
    ['released, and kept for something else', object({ usedBy: ['join'] }), 'registration_without_object'],
    ['without the tag', object({ physicalIds: ['[OrderId]:Kiosk'] }), 'registration_untagged'],
    ['tagged for another', object({ physicalIds: ['[ZTDID]:other'] }), 'registration_untagged'],
  ])('a registration whose object is %s', (_, found, expected) => {
    expect(judgeRegistration(registration, found)?.class ?? null).toBe(expected);
  });

  it.each([
    ['of a registration', object(), true, false, null],
    ['of a registration that is gone', object(), false, false, 'object_without_registration'],
    ['that was released and is managed', object({ usedBy: ['management', 'join'] }), false, true, null],
    ['that is said to be managed', object({ usedBy: ['management'] }), false, false, 'object_without_management'],
    ['that joined by itself', object({ usedBy: ['join'], registrationId: null }), false, false, null],
  ] as const)('an object %s', (_, found, isRegistered, isManaged, expected) => {
    expect(judgeObject(found, isRegistered, isManaged)?.class ?? null).toBe(expected);
  });

  it.each([
    ['registered, with its object', managed(), true, true, false, null],
    ['whose registration is gone', managed(), false, true, false, 'management_without_registration'],
    ['that opted out', managed(), false, true, true, null],
    ['that was never registered', managed({ registrationId: null }), false, true, false, null],
    ['whose object is gone', managed(), true, false, false, 'management_without_object'],
    ['that never joined', managed({ directoryObjectId: null }), true, false, false, null],
    ['on its way out', managed({ retirePending: true }), false, false, false, null],
  ])('an enrolled device %s', (_, device, isRegistered, hasObject, optedOut, expected) => {
    expect(judgeManaged(device, isRegistered, hasObject, optedOut)?.class ?? null).toBe(expected);
  });

  it('a registration that partners see and that is gone', () => {
    expect(judgePartnerView(registration, true)).toBeNull();
    expect(judgePartnerView(registration, false)).toMatchObject({ class: 'partner_view_without_registration' });
  });

  it('is named by its class and by what is left, with what each store said', () => {
    expect(judgeManaged(managed(), false, true, false)).toEqual({
      class: 'management_without_registration',
      subject: 'm',
      registrationId: 'r',
      serialNumber: 'SN-1',
      evidence: {
        registration: 'not registered',
        directory: 'object found',
        management: { registrationId: 'r', directoryObjectId: 'o' },
      },
    });
  });

  it('has a repair for each class, and a scan repairs only what loses nothing', () => {
    for (const each of orphanClasses) expect(orphanRepairs[each].sentence).not.toBe('');
    expect(repairableOrphans).toEqual([
      'registration_without_object',
      'registration_untagged',
      'object_without_registration',
      'object_without_management',
      'partner_view_without_registration',
    ]);
  });

  it('says honestly where no run of ours reaches the device', () => {
    const finding = (registration: string) => ({
      class: 'management_without_object' as const,
      evidence: { registration },
    });
    expect(proposedRepair(finding('registered')).run).toBe('deregistration');
    expect(proposedRepair(finding('not registered')).run).toBe('nobody');
    for (const each of orphanClasses.filter((name) => name !== 'management_without_object'))
      expect(proposedRepair({ class: each, evidence: {} }).run).not.toBe('nobody');
  });
});
