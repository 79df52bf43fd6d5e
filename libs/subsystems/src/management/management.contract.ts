import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DirectoryPort } from '../directory/directory.port.js';
import type { EnrolledDevice, EnrollingDevice } from './enrol-devices.js';
import type { ManagementPort } from './management.port.js';

/** What a battery needs of an implementation beside its port. */
export interface ManagementUnderTest {
  management: ManagementPort;
  /** The directory that devices join when they enrol. */
  directory: DirectoryPort;
  /** Lets both work through what they have accepted. */
  apply(): Promise<void>;
  /** Devices start and enrol. */
  enrol(tenantId: string, devices: readonly EnrollingDevice[]): Promise<EnrolledDevice[]>;
  /** The time from the start of one sync to the next is over. */
  syncIntervalPasses(tenantId: string): Promise<void>;
}

/** The promises of every management system, whoever implements it. */
export function managementContract(name: string, open: () => ManagementUnderTest): void {
  const user = { userId: randomUUID(), principalName: 'ada@contoso.example' };
  const idsOf = (devices: EnrolledDevice[]) => devices.map((device) => device.managedDeviceId);
  const outcomes = async (under: ManagementUnderTest, key: string, tenantId: string) => {
    await under.apply();
    const { applied, results } = await under.management.observe(key, tenantId);
    expect(applied).toBe(true);
    return new Map(results.map(({ target, outcome }) => [target, outcome]));
  };
  const registered = async (under: ManagementUnderTest, tenantId: string, count: number) => {
    const objects = Array.from({ length: count }, () => {
      const registrationId = randomUUID();
      return { registrationId, displayName: `SN-${registrationId}`, serialNumber: null, physicalIds: [] };
    });
    await under.directory.preCreate(randomUUID(), tenantId, objects);
    await under.apply();
    return objects.map((object) => object.registrationId);
  };

  describe(`the management contract: ${name}`, () => {
    it('shows an enrolled device by each of its ids and by its serial number, and to nobody else', async () => {
      const under = open();
      const tenantId = randomUUID();
      const [registrationId] = (await registered(under, tenantId, 1)) as [string];
      const [device] = (await under.enrol(tenantId, [
        { registrationId, serialNumber: 'SN-1', primaryUser: user, recoveryKeyEscrowed: true },
      ])) as [EnrolledDevice];
      const selectors = [
        { managedDeviceIds: [device.managedDeviceId] },
        { registrationIds: [registrationId] },
        { directoryObjectIds: [device.directoryObjectId!] },
        { serialNumbers: ['SN-1'] },
      ];
      for (const selector of selectors) {
        expect(await under.management.read(tenantId, selector)).toMatchObject([
          {
            ...device,
            registrationId,
            serialNumber: 'SN-1',
            ownership: 'corporate',
            os: { family: 'windows' },
            join: 'AzureAd',
            primaryUser: user,
            recoveryKeyEscrowed: true,
            retirePending: false,
          },
        ]);
        expect(await under.management.read(randomUUID(), selector)).toEqual([]);
      }
      expect(await under.directory.read(tenantId, { registrationIds: [registrationId] })).toMatchObject([
        { objectId: device.directoryObjectId, trustType: 'AzureAd', usedBy: ['registration', 'management', 'join'] },
      ]);
    });

    it('lists all devices of a tenant page by page', async () => {
      const under = open();
      const tenantId = randomUUID();
      const enrolled = await under.enrol(
        tenantId,
        Array.from({ length: 5 }, (_, index) => ({ serialNumber: `SN-${index}` })),
      );
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await under.management.list(tenantId, { limit: 2, ...(after !== undefined && { after }) });
        seen.push(...page.items.map((device) => device.managedDeviceId));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).toEqual(idsOf(enrolled).sort());
    });

    describe('retiring', () => {
      it('marks devices at once and lets them go when it is applied; they have left the directory too', async () => {
        const under = open();
        const tenantId = randomUUID();
        const enrolled = await under.enrol(tenantId, [{ serialNumber: 'A' }, { serialNumber: 'B' }]);
        const key = randomUUID();
        const absent = randomUUID();
        expect(await under.management.observe(key, tenantId)).toEqual({ accepted: false, applied: false, results: [] });
        await under.management.retire(key, tenantId, [...idsOf(enrolled), absent]);
        expect(await under.management.observe(key, tenantId)).toEqual({ accepted: true, applied: false, results: [] });
        expect(await under.management.read(tenantId, { managedDeviceIds: idsOf(enrolled) })).toMatchObject([
          { retirePending: true },
          { retirePending: true },
        ]);
        expect(await outcomes(under, key, tenantId)).toEqual(
          new Map([...idsOf(enrolled).map((id) => [id, 'done'] as const), [absent, 'already_absent']]),
        );
        expect(await under.management.read(tenantId, { managedDeviceIds: idsOf(enrolled) })).toEqual([]);
        const objectIds = enrolled.map((device) => device.directoryObjectId!);
        expect(await under.directory.read(tenantId, { objectIds })).toEqual([]);
      });

      it('leaves the object of a device that is still registered, as one that waits for its device', async () => {
        const under = open();
        const tenantId = randomUUID();
        const [registrationId] = (await registered(under, tenantId, 1)) as [string];
        const enrolled = await under.enrol(tenantId, [{ registrationId, serialNumber: 'A' }]);
        await under.management.retire(randomUUID(), tenantId, idsOf(enrolled));
        await under.apply();
        expect(await under.directory.read(tenantId, { registrationIds: [registrationId] })).toMatchObject([
          { trustType: null, usedBy: ['registration'] },
        ]);
      });

      it('is one request however often it is sent, also after it was taken back', async () => {
        const under = open();
        const tenantId = randomUUID();
        const enrolled = await under.enrol(tenantId, [{ serialNumber: 'A' }]);
        const key = randomUUID();
        await under.management.retire(key, tenantId, idsOf(enrolled));
        await under.management.restore(randomUUID(), tenantId, idsOf(enrolled));
        await under.management.retire(key, tenantId, idsOf(enrolled));
        expect(await outcomes(under, key, tenantId)).toEqual(new Map([[idsOf(enrolled)[0], 'restored']]));
        expect(await under.management.read(tenantId, { managedDeviceIds: idsOf(enrolled) })).toMatchObject([
          { retirePending: false },
        ]);
      });

      it('can be taken back until it was applied, device by device, and not after', async () => {
        const under = open();
        const tenantId = randomUUID();
        const enrolled = await under.enrol(tenantId, [
          { serialNumber: 'A', primaryUser: user },
          { serialNumber: 'B' },
          { serialNumber: 'C' },
        ]);
        const [back, goes, never] = idsOf(enrolled) as [string, string, string];
        const before = await under.management.read(tenantId, { managedDeviceIds: [back] });
        const retire = randomUUID();
        await under.management.retire(retire, tenantId, [back, goes]);
        const early = randomUUID();
        await under.management.restore(early, tenantId, [back, never]);
        expect(await under.management.read(tenantId, { managedDeviceIds: [back] })).toEqual(before);
        expect(await outcomes(under, early, tenantId)).toEqual(
          new Map([
            [back, 'done'],
            [never, 'not_pending'],
          ]),
        );
        expect(await outcomes(under, retire, tenantId)).toEqual(
          new Map([
            [back, 'restored'],
            [goes, 'done'],
          ]),
        );
        const late = randomUUID();
        await under.management.restore(late, tenantId, [goes]);
        expect(await outcomes(under, late, tenantId)).toEqual(new Map([[goes, 'too_late']]));
        expect(await under.management.read(tenantId, { managedDeviceIds: [back, goes] })).toEqual(before);
      });

      it('cannot touch the devices of another tenant', async () => {
        const under = open();
        const tenantId = randomUUID();
        const other = randomUUID();
        const enrolled = await under.enrol(tenantId, [{ serialNumber: 'A' }]);
        const key = randomUUID();
        await under.management.retire(key, other, idsOf(enrolled));
        expect(await outcomes(under, key, other)).toEqual(new Map([[idsOf(enrolled)[0], 'already_absent']]));
        expect(await under.management.read(tenantId, { managedDeviceIds: idsOf(enrolled) })).toHaveLength(1);
      });
    });

    describe('a hybrid device', () => {
      it('has an object of its own beside the waiting one, which stays until its computer was removed', async () => {
        const under = open();
        const tenantId = randomUUID();
        const [registrationId] = (await registered(under, tenantId, 1)) as [string];
        const [device] = (await under.enrol(tenantId, [{ registrationId, serialNumber: 'A', join: 'ServerAd' }])) as [
          EnrolledDevice,
        ];
        const objectIds = [device.directoryObjectId!];
        expect(await under.directory.read(tenantId, { registrationIds: [registrationId] })).toMatchObject([
          { trustType: null, usedBy: ['registration'] },
        ]);
        await under.management.retire(randomUUID(), tenantId, [device.managedDeviceId]);
        await under.apply();
        expect(await under.directory.read(tenantId, { objectIds })).toMatchObject([
          { trustType: 'ServerAd', usedBy: ['join', 'on_premises_computer'] },
        ]);
        const key = randomUUID();
        await under.management.removeComputers(key, tenantId, objectIds);
        expect(await outcomes(under, key, tenantId)).toEqual(new Map([[objectIds[0], 'done']]));
        expect(await under.directory.read(tenantId, { objectIds })).toEqual([]);
        expect(await under.management.readComputers(tenantId, objectIds)).toMatchObject([{ removed: true }]);
        const again = randomUUID();
        await under.management.removeComputers(again, tenantId, objectIds);
        expect(await outcomes(under, again, tenantId)).toEqual(new Map([[objectIds[0], 'already_absent']]));
      });

      it('has its computer back, and with it its object, when the removal is taken back', async () => {
        const under = open();
        const tenantId = randomUUID();
        const [device] = (await under.enrol(tenantId, [{ serialNumber: 'A', join: 'ServerAd' }])) as [EnrolledDevice];
        const objectIds = [device.directoryObjectId!];
        await under.management.retire(randomUUID(), tenantId, [device.managedDeviceId]);
        await under.management.removeComputers(randomUUID(), tenantId, objectIds);
        await under.management.restoreComputers(randomUUID(), tenantId, objectIds);
        await under.apply();
        expect(await under.directory.read(tenantId, { objectIds })).toMatchObject([
          { objectId: objectIds[0], trustType: 'ServerAd', usedBy: ['join', 'on_premises_computer'] },
        ]);
        expect(await under.management.readComputers(tenantId, objectIds)).toMatchObject([{ removed: false }]);
      });
    });

    it('says of objects that no device of its own has them, and of no others', async () => {
      const under = open();
      const tenantId = randomUUID();
      const [stays, leaves] = (await under.enrol(tenantId, [{ serialNumber: 'A' }, { serialNumber: 'B' }])) as [
        EnrolledDevice,
        EnrolledDevice,
      ];
      await under.management.retire(randomUUID(), tenantId, [leaves.managedDeviceId]);
      await under.apply();
      const objectIds = [stays.directoryObjectId!, leaves.directoryObjectId!];
      const key = randomUUID();
      await under.management.disown(key, tenantId, objectIds);
      await under.management.disown(key, tenantId, objectIds);
      expect(await outcomes(under, key, tenantId)).toEqual(
        new Map([
          [stays.directoryObjectId, 'enrolled'],
          [leaves.directoryObjectId, 'already_absent'],
        ]),
      );
      expect(await under.directory.read(tenantId, { objectIds })).toMatchObject([
        { objectId: stays.directoryObjectId, usedBy: ['management', 'join'] },
      ]);
    });

    it('says for whom a registered device is meant, and forgets it when told', async () => {
      const under = open();
      const tenantId = randomUUID();
      const [meant, free] = [randomUUID(), randomUUID()];
      const registrationIds = [meant, free];
      const assignment = { registrationId: meant, ...user };
      await under.management.assignUsers(randomUUID(), tenantId, [assignment]);
      await under.apply();
      expect(await under.management.readAssignedUsers(tenantId, registrationIds)).toEqual([assignment]);
      const key = randomUUID();
      await under.management.unassignUsers(key, tenantId, registrationIds);
      expect(await outcomes(under, key, tenantId)).toEqual(
        new Map([
          [meant, 'done'],
          [free, 'already_absent'],
        ]),
      );
      await under.management.assignUsers(randomUUID(), tenantId, [assignment]);
      await under.management.unassignUsers(randomUUID(), tenantId, [meant]);
      await under.apply();
      expect(await under.management.readAssignedUsers(tenantId, registrationIds)).toEqual([]);
    });

    it('knows the licences of its users', async () => {
      const under = open();
      const tenantId = randomUUID();
      await under.enrol(tenantId, [{ serialNumber: 'A', primaryUser: { ...user, licences: ['M365_E5'] } }]);
      expect(await under.management.readUsers(tenantId, [user.userId])).toEqual([{ ...user, licences: ['M365_E5'] }]);
    });

    it('enrols the devices of a school as the school’s, those that are there as well, and nobody’s own', async () => {
      const under = open();
      const [tenantId, other] = [randomUUID(), randomUUID()];
      await under.enrol(tenantId, [{ serialNumber: 'A' }, { serialNumber: 'B', ownership: 'personal' }]);
      await under.enrol(other, [{ serialNumber: 'A' }]);
      for (const key of [randomUUID(), randomUUID()]) await under.management.setOwnership(key, tenantId, 'school');
      await under.enrol(tenantId, [{ serialNumber: 'C' }, { serialNumber: 'D', ownership: 'personal' }]);
      const owned = async (of: string) => {
        const found = await under.management.read(of, { serialNumbers: ['A', 'B', 'C', 'D'] });
        return Object.fromEntries(found.map(({ serialNumber, ownership }) => [serialNumber, ownership]));
      };
      expect(await owned(tenantId)).toEqual({ A: 'school', B: 'personal', C: 'school', D: 'personal' });
      expect(await owned(other)).toEqual({ A: 'corporate' });
      await under.management.setOwnership(randomUUID(), tenantId, 'corporate');
      expect(await owned(tenantId)).toEqual({ A: 'corporate', B: 'personal', C: 'corporate', D: 'personal' });
    });

    it('asks devices for their hash, shows it only after that, and says who cannot be asked', async () => {
      const under = open();
      const tenantId = randomUUID();
      const hardwareHash = Buffer.from('a hash of many bytes '.repeat(20)).toString('base64');
      const enrolled = await under.enrol(tenantId, [
        { serialNumber: 'A', hardwareHash },
        { serialNumber: 'B', hardwareHash, ownership: 'personal' },
        { serialNumber: 'C', hardwareHash, os: { family: 'macos', version: '15' } },
        { serialNumber: 'D' },
      ]);
      const [answers, personal, foreign, silent] = idsOf(enrolled);
      const asked = [...idsOf(enrolled), randomUUID()];
      expect(await under.management.readHashes(tenantId, asked)).toEqual([]);
      const key = randomUUID();
      await under.management.requestHashes(key, tenantId, asked);
      expect(await outcomes(under, key, tenantId)).toEqual(
        new Map([
          [answers, 'done'],
          [personal, 'personal'],
          [foreign, 'unsupported'],
          [silent, 'no_answer'],
          [asked.at(-1), 'no_such_device'],
        ]),
      );
      expect(await under.management.readHashes(tenantId, asked)).toEqual([{ managedDeviceId: answers, hardwareHash }]);
    });

    describe('a sync', () => {
      it('is what makes management notice that a registration came or went', async () => {
        const under = open();
        const tenantId = randomUUID();
        const registrationIds = await registered(under, tenantId, 2);
        const listed = () => under.management.readRegistered(tenantId, registrationIds);
        expect(await listed()).toEqual([]);
        await under.management.sync(randomUUID(), tenantId);
        await under.apply();
        expect((await listed()).sort()).toEqual(registrationIds.slice().sort());

        await under.management.assignUsers(
          randomUUID(),
          tenantId,
          registrationIds.map((registrationId) => ({ registrationId, ...user })),
        );
        await under.directory.release(randomUUID(), tenantId, [registrationIds[0]!]);
        await under.apply();
        expect(await listed()).toHaveLength(2);
        await under.syncIntervalPasses(tenantId);
        await under.management.sync(randomUUID(), tenantId);
        await under.apply();
        expect(await listed()).toEqual([registrationIds[1]]);
        expect(await under.management.readAssignedUsers(tenantId, registrationIds)).toMatchObject([
          { registrationId: registrationIds[1] },
        ]);
      });

      it('is refused while one runs and too soon after one, with the time to wait; the same key is the same sync', async () => {
        const under = open();
        const tenantId = randomUUID();
        const key = randomUUID();
        expect(await under.management.readSync(tenantId)).toMatchObject({ running: false, lastStartedAt: null });
        expect(await under.management.sync(key, tenantId)).toEqual({ taken: true });
        expect(await under.management.sync(key, tenantId)).toEqual({ taken: true });
        expect(await under.management.readSync(tenantId)).toMatchObject({ running: true, lastCompletedAt: null });
        expect(await under.management.sync(randomUUID(), tenantId)).toMatchObject({ taken: false, reason: 'running' });
        await under.apply();
        expect(await under.management.readSync(tenantId)).toMatchObject({ running: false });
        expect(await under.management.sync(randomUUID(), tenantId)).toEqual({
          taken: false,
          reason: 'too_soon',
          retryAfterMs: expect.any(Number),
        });
        expect(await under.management.sync(randomUUID(), randomUUID())).toEqual({ taken: true });
        await under.syncIntervalPasses(tenantId);
        expect(await under.management.sync(randomUUID(), tenantId)).toEqual({ taken: true });
        expect(await under.management.sync(key, tenantId)).toEqual({ taken: true });
      });

      it('is taken once when several ask at the same moment', async () => {
        const under = open();
        const tenantId = randomUUID();
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => under.management.sync(randomUUID(), tenantId)),
        );
        expect(answers.filter((answer) => answer.taken)).toHaveLength(1);
      });
    });
  });
}
