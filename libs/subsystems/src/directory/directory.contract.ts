import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DeviceObjectRequest, DirectoryPort } from './directory.port.js';

/** What a battery needs of an implementation beside its port. */
export interface DirectoryUnderTest {
  directory: DirectoryPort;
  /** Lets the directory work through what it has accepted. */
  apply(): Promise<void>;
  /** A device that joined by itself, before anybody registered it. */
  aJoinedDevice(tenantId: string, displayName: string): Promise<void>;
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
  });
}
