import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DeviceObjectRequest, DirectoryPort } from './directory.port.js';

/** What a battery needs of an implementation beside its port. */
export interface DirectoryUnderTest {
  directory: DirectoryPort;
  /** Lets the directory work through what it has accepted. */
  apply(): Promise<void>;
  /** A device that joined by itself, before anybody registered it; it carries a tag of its own. @returns its object's id */
  aJoinedDevice(tenantId: string, displayName: string): Promise<string>;
  /** The device of a pre-created object starts for the first time, joins and is managed from then on. */
  joins(tenantId: string, registrationId: string): Promise<void>;
}

/** The promises of every directory, whoever implements it. */
export function directoryContract(name: string, open: () => DirectoryUnderTest): void {
  const request = (more: Partial<DeviceObjectRequest> = {}): DeviceObjectRequest => {
    const registrationId = randomUUID();
    return {
      registrationId,
      displayName: `SN-${registrationId}`,
      serialNumber: null,
      physicalIds: [`[ZTDID]:${registrationId}`],
      ...more,
    };
  };
  const idsOf = (requests: DeviceObjectRequest[]) => requests.map((each) => each.registrationId);

  describe(`the directory contract: ${name}`, () => {
    it('shows nothing before it has worked through a request, and each object with its physicalIds after', async () => {
      const { directory, apply } = open();
      const key = randomUUID();
      const tenantId = randomUUID();
      const wanted = [request(), request({ physicalIds: ['[ZTDID]:x', '[OrderId]:Kiosk'] })];
      await directory.preCreate(key, tenantId, wanted);
      expect(await directory.observe(key, tenantId, idsOf(wanted))).toEqual({
        applied: false,
        objects: [],
        refusals: [],
      });
      await apply();
      const seen = await directory.observe(key, tenantId, idsOf(wanted));
      expect(seen.applied).toBe(true);
      expect(new Map(seen.objects.map((object) => [object.registrationId, object.physicalIds]))).toEqual(
        new Map(wanted.map((each) => [each.registrationId, each.physicalIds])),
      );
    });

    it('takes a request once, however often it is sent, before and after it was worked through', async () => {
      const { directory, apply } = open();
      const key = randomUUID();
      const tenantId = randomUUID();
      const wanted = [request()];
      await Promise.all([directory.preCreate(key, tenantId, wanted), directory.preCreate(key, tenantId, wanted)]);
      await apply();
      const first = await directory.observe(key, tenantId, idsOf(wanted));
      await directory.preCreate(key, tenantId, wanted);
      await apply();
      expect(await directory.observe(key, tenantId, idsOf(wanted))).toEqual(first);
    });

    it('gives a registration one object, also when two requests ask for it', async () => {
      const { directory, apply } = open();
      const tenantId = randomUUID();
      const wanted = [request()];
      const [first, second] = [randomUUID(), randomUUID()];
      await directory.preCreate(first, tenantId, wanted);
      await directory.preCreate(second, tenantId, wanted);
      await apply();
      const seen = await Promise.all([first, second].map((key) => directory.observe(key, tenantId, idsOf(wanted))));
      expect(seen[0]!.objects).toHaveLength(1);
      expect(seen[0]!.objects).toEqual(seen[1]!.objects);
    });

    it('refuses an object for a device that has joined already, and creates the others', async () => {
      const { directory, apply, aJoinedDevice } = open();
      const tenantId = randomUUID();
      const joined = request({ displayName: 'SN-joined' });
      const fresh = request();
      await aJoinedDevice(tenantId, 'SN-joined');
      const key = randomUUID();
      await directory.preCreate(key, tenantId, [joined, fresh]);
      await apply();
      const seen = await directory.observe(key, tenantId, idsOf([joined, fresh]));
      expect(seen.refusals).toEqual([{ registrationId: joined.registrationId, reason: 'already_joined' }]);
      expect(seen.objects.map((object) => object.registrationId)).toEqual([fresh.registrationId]);
    });

    it('shows nobody the objects of another tenant', async () => {
      const { directory, apply } = open();
      const key = randomUUID();
      const wanted = [request()];
      await directory.preCreate(key, randomUUID(), wanted);
      await apply();
      expect((await directory.observe(key, randomUUID(), idsOf(wanted))).objects).toEqual([]);
    });

    describe('releasing a registration', () => {
      const released = async (under: DirectoryUnderTest, tenantId: string, registrationIds: string[]) => {
        const key = randomUUID();
        await under.directory.release(key, tenantId, registrationIds);
        await under.apply();
        return under.directory.observe(key, tenantId, registrationIds);
      };
      const created = async (under: DirectoryUnderTest, tenantId: string, wanted: DeviceObjectRequest[]) => {
        await under.directory.preCreate(randomUUID(), tenantId, wanted);
        await under.apply();
      };

      it('drops an object that nothing else uses, once it has worked through the request', async () => {
        const under = open();
        const tenantId = randomUUID();
        const [gone, stays] = [request(), request()];
        await created(under, tenantId, [gone, stays]);
        const key = randomUUID();
        await under.directory.release(key, tenantId, idsOf([gone]));
        expect(await under.directory.observe(key, tenantId, idsOf([gone]))).toMatchObject({ applied: false });
        expect(await under.directory.read(tenantId, { registrationIds: idsOf([gone]) })).toHaveLength(1);
        await under.apply();
        expect(await under.directory.observe(key, tenantId, idsOf([gone]))).toEqual({
          applied: true,
          objects: [],
          refusals: [],
        });
        expect(await under.directory.read(tenantId, { registrationIds: idsOf([stays]) })).toHaveLength(1);
      });

      it('keeps an object that something else uses, without the registration’s tags, and says what for', async () => {
        const under = open();
        const tenantId = randomUUID();
        const device = request();
        await created(under, tenantId, [device]);
        await under.joins(tenantId, device.registrationId);
        const seen = await released(under, tenantId, idsOf([device]));
        expect(seen.objects).toMatchObject([{ physicalIds: [], trustType: 'AzureAd', usedBy: ['management', 'join'] }]);
      });

      it('is done where there is no object, and done once however often it is asked', async () => {
        const under = open();
        const tenantId = randomUUID();
        const device = request();
        expect(await released(under, tenantId, idsOf([device]))).toEqual({ applied: true, objects: [], refusals: [] });
        await created(under, tenantId, [device]);
        for (let time = 0; time < 2; time += 1)
          expect((await released(under, tenantId, idsOf([device]))).objects).toEqual([]);
      });

      it('cannot touch the objects of another tenant', async () => {
        const under = open();
        const tenantId = randomUUID();
        const device = request();
        await created(under, tenantId, [device]);
        await released(under, randomUUID(), idsOf([device]));
        expect(await under.directory.read(tenantId, { registrationIds: idsOf([device]) })).toMatchObject([
          { usedBy: ['registration'] },
        ]);
      });

      it('takes effect after the creation that was asked for before, though nobody looked in between', async () => {
        const under = open();
        const tenantId = randomUUID();
        const device = request();
        const key = randomUUID();
        await under.directory.preCreate(randomUUID(), tenantId, [device]);
        await under.directory.release(key, tenantId, idsOf([device]));
        await under.apply();
        expect(await under.directory.observe(key, tenantId, idsOf([device]))).toMatchObject({
          applied: true,
          objects: [],
        });
      });

      it('is taken back by asking for the object again: the one that stayed, or a new one', async () => {
        const under = open();
        const tenantId = randomUUID();
        const [dropped, kept] = [request(), request()];
        await created(under, tenantId, [dropped, kept]);
        await under.joins(tenantId, kept.registrationId);
        const [before] = await under.directory.read(tenantId, { registrationIds: idsOf([kept]) });
        await released(under, tenantId, idsOf([dropped, kept]));
        const key = randomUUID();
        await under.directory.preCreate(key, tenantId, [dropped, kept]);
        await under.apply();
        const seen = await under.directory.observe(key, tenantId, idsOf([dropped, kept]));
        expect(seen.refusals).toEqual([]);
        const objects = new Map(seen.objects.map((object) => [object.registrationId, object]));
        expect(objects.get(kept.registrationId)).toEqual(before);
        expect(objects.get(dropped.registrationId)).toMatchObject({
          physicalIds: dropped.physicalIds,
          trustType: null,
          usedBy: ['registration'],
        });
      });
    });

    describe('tagging an object that is there', () => {
      const tagged = async (
        under: DirectoryUnderTest,
        tenantId: string,
        tags: { registrationId: string; objectId: string }[],
      ) => {
        const key = randomUUID();
        const requests = tags.map((tag) => ({ ...tag, physicalIds: [`[ZTDID]:${tag.registrationId}`] }));
        await under.directory.tag(key, tenantId, requests);
        await under.apply();
        return under.directory.observe(
          key,
          tenantId,
          tags.map((tag) => tag.registrationId),
        );
      };

      it('writes the registration onto a joined object; its trust type and its other tags stay', async () => {
        const under = open();
        const tenantId = randomUUID();
        const objectId = await under.aJoinedDevice(tenantId, 'SN-joined-before');
        const registrationId = randomUUID();
        expect(await tagged(under, tenantId, [{ registrationId, objectId }])).toEqual({
          applied: true,
          refusals: [],
          objects: [
            expect.objectContaining({
              objectId,
              registrationId,
              trustType: 'AzureAd',
              physicalIds: ['[HWID]:h:6755414338', `[ZTDID]:${registrationId}`],
              usedBy: ['registration', 'join'],
            }),
          ],
        });
      });

      it('changes the tags of a registration’s own object', async () => {
        const under = open();
        const tenantId = randomUUID();
        const device = request({ physicalIds: ['[ZTDID]:x', '[OrderId]:Kiosk'] });
        await under.directory.preCreate(randomUUID(), tenantId, [device]);
        await under.apply();
        const [own] = await under.directory.read(tenantId, { registrationIds: idsOf([device]) });
        const { objectId } = own!;
        const seen = await tagged(under, tenantId, [{ registrationId: device.registrationId, objectId }]);
        expect(seen.objects).toMatchObject([{ objectId, physicalIds: [`[ZTDID]:${device.registrationId}`] }]);
      });

      it('leaves the object as it was when the registration is released again', async () => {
        const under = open();
        const tenantId = randomUUID();
        const objectId = await under.aJoinedDevice(tenantId, 'SN-back');
        const before = await under.directory.read(tenantId, { objectIds: [objectId] });
        const registrationId = randomUUID();
        await tagged(under, tenantId, [{ registrationId, objectId }]);
        await under.directory.release(randomUUID(), tenantId, [registrationId]);
        await under.apply();
        expect(await under.directory.read(tenantId, { objectIds: [objectId] })).toEqual([
          { ...before[0], registrationId },
        ]);
      });

      it('refuses what is missing, what another registration holds and a second object for one, and does the rest', async () => {
        const under = open();
        const tenantId = randomUUID();
        const [free, held, second, elsewhere] = await Promise.all([
          under.aJoinedDevice(tenantId, 'SN-1'),
          under.aJoinedDevice(tenantId, 'SN-2'),
          under.aJoinedDevice(tenantId, 'SN-3'),
          under.aJoinedDevice(randomUUID(), 'SN-4'),
        ]);
        const [fine, holder, late, lost, abroad] = Array.from({ length: 5 }, () => randomUUID());
        await tagged(under, tenantId, [{ registrationId: holder!, objectId: held }]);
        const seen = await tagged(under, tenantId, [
          { registrationId: fine!, objectId: free },
          { registrationId: late!, objectId: held },
          { registrationId: holder!, objectId: second },
          { registrationId: lost!, objectId: randomUUID() },
          { registrationId: abroad!, objectId: elsewhere },
        ]);
        expect(new Map(seen.refusals.map(({ registrationId, reason }) => [registrationId, reason]))).toEqual(
          new Map([
            [late, 'tagged_for_another'],
            [holder, 'has_another_object'],
            [lost, 'no_such_object'],
            [abroad, 'no_such_object'],
          ]),
        );
        expect(new Map(seen.objects.map((object) => [object.registrationId, object.objectId]))).toEqual(
          new Map([
            [fine, free],
            [holder, held],
          ]),
        );
      });
    });

    it('finds a joined object by the name that stands in the way, and lists all of a tenant page by page', async () => {
      const under = open();
      const tenantId = randomUUID();
      const joined = await under.aJoinedDevice(tenantId, 'SN-in-the-way');
      const wanted = Array.from({ length: 4 }, () => request());
      await under.directory.preCreate(randomUUID(), tenantId, wanted);
      await under.apply();
      const found = await under.directory.read(tenantId, { joinedAs: ['SN-in-the-way', wanted[0]!.displayName] });
      expect(found).toMatchObject([{ objectId: joined, trustType: 'AzureAd', registrationId: null, usedBy: ['join'] }]);

      const listed: string[] = [];
      let after: string | undefined;
      do {
        const page = await under.directory.list(tenantId, { limit: 2, ...(after !== undefined && { after }) });
        listed.push(...page.items.map((object) => object.objectId));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(listed).toHaveLength(5);
      expect(new Set(listed).size).toBe(5);
      expect(listed).toContain(joined);
    });
  });
}
