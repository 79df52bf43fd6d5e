import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { applyDirectoryRequests } from '../directory/apply-directory.js';
import { createBuiltInDirectory } from '../directory/built-in-directory.js';
import { applyManagementRequests } from '../management/apply-management.js';
import { createBuiltInManagement } from '../management/built-in-management.js';
import { enrolDevices } from '../management/enrol-devices.js';
import { applyPartnerViewRequests, createBuiltInPartnerView } from '../partner-view/built-in-partner-view.js';
import { prepareNeighbours } from '../prepare-neighbours.js';
import { endMisbehaviour, setMisbehaviour } from './misbehaviour.js';
import { misbehaving } from './misbehaving.js';
import { bringBack } from './reappearing.js';

describe('neighbours that misbehave', () => {
  let database: ClonedDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await cloneDatabase();
    pool = new pg.Pool({ connectionString: database.urls.neighbours, max: 4 });
    await prepareNeighbours(pool);
  });
  afterEach(() => endMisbehaviour(pool));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const directory = () => misbehaving('directory', createBuiltInDirectory(pool), pool);
  const management = () => misbehaving('management', createBuiltInManagement(pool, { syncIntervalMs: 0 }), pool);
  const partnerView = () => misbehaving('partner_view', createBuiltInPartnerView(pool), pool);
  const misbehave = { mayMisbehave: true };
  const apply = async () => {
    while (
      (await applyDirectoryRequests(pool, 4, misbehave)) +
        (await applyManagementRequests(pool, 4, misbehave)) +
        (await applyPartnerViewRequests(pool, 4, misbehave)) >
      0
    );
  };
  const anObject = () => ({
    registrationId: randomUUID(),
    displayName: 'SN-1',
    serialNumber: null,
    physicalIds: ['[OrderId]:Kiosk'],
  });

  it.each([
    ['with a time to come back', 1_500],
    ['without', null],
  ])('throttle a call %s, and nothing happened', async (_with, retryAfterMs) => {
    await setMisbehaviour(pool, [
      {
        neighbour: 'directory',
        act: 'preCreate',
        kind: 'throttled',
        atMost: 1,
        ...(retryAfterMs !== null && { retryAfterMs }),
      },
    ]);
    const [key, tenantId, object] = [randomUUID(), randomUUID(), anObject()];
    const preCreate = () => directory().preCreate(key, tenantId, [object]);
    await expect(preCreate()).rejects.toMatchObject({ code: 'neighbour.throttled', retryAfterMs });
    await apply();
    expect(await directory().read(tenantId, { registrationIds: [object.registrationId] })).toEqual([]);
    await preCreate();
    await apply();
    expect(await directory().read(tenantId, { registrationIds: [object.registrationId] })).toHaveLength(1);
  });

  it('do not work, for the act that was named and for no other', async () => {
    await setMisbehaviour(pool, [{ neighbour: 'management', act: 'retire', kind: 'unavailable', atMost: 2 }]);
    const retire = () => management().retire(randomUUID(), randomUUID(), []);
    await expect(retire()).rejects.toMatchObject({ code: 'neighbour.unavailable' });
    await management().unassignUsers(randomUUID(), randomUUID(), []);
    await expect(retire()).rejects.toMatchObject({ code: 'neighbour.unavailable' });
    await retire();
  });

  it('do not answer after the effect, and take the same key once', async () => {
    await setMisbehaviour(pool, [{ neighbour: 'management', act: 'retire', kind: 'timed_out_after', atMost: 1 }]);
    const tenantId = randomUUID();
    const [device] = await enrolDevices(pool, tenantId, [{ serialNumber: 'A' }]);
    const key = randomUUID();
    const retire = () => management().retire(key, tenantId, [device!.managedDeviceId]);
    await expect(retire()).rejects.toMatchObject({ code: 'neighbour.timed-out' });
    expect(await management().read(tenantId, { serialNumbers: ['A'] })).toMatchObject([{ retirePending: true }]);
    await retire();
    await apply();
    expect(await management().observe(key, tenantId)).toMatchObject({ results: [{ outcome: 'done' }] });
  });

  it('answer late', async () => {
    await setMisbehaviour(pool, [{ neighbour: 'partner_view', act: '*', kind: 'latency', delayMs: 40 }]);
    const started = performance.now();
    await partnerView().read(randomUUID(), []);
    expect(performance.now() - started).toBeGreaterThan(38);
  });

  it('answer what was true before', async () => {
    const port = directory();
    const [tenantId, object] = [randomUUID(), anObject()];
    const read = () => port.read(tenantId, { registrationIds: [object.registrationId] });
    await port.preCreate(randomUUID(), tenantId, [object]);
    await apply();
    const before = await read();
    await port.release(randomUUID(), tenantId, [object.registrationId]);
    await apply();
    await setMisbehaviour(pool, [{ neighbour: 'directory', act: 'read', kind: 'stale_read', atMost: 1 }]);
    expect(await read()).toEqual(before);
    expect(await read()).toEqual([]);
  });

  it('never finish what they accepted, until they behave again; a new key finishes', async () => {
    await setMisbehaviour(pool, [{ neighbour: 'directory', act: 'release', kind: 'never_finishes', atMost: 1 }]);
    const [tenantId, object, stuck] = [randomUUID(), anObject(), randomUUID()];
    await directory().preCreate(randomUUID(), tenantId, [object]);
    await apply();
    await directory().release(stuck, tenantId, [object.registrationId]);
    await apply();
    expect(await directory().observe(stuck, tenantId, [])).toMatchObject({ applied: false });
    const again = randomUUID();
    await directory().release(again, tenantId, [object.registrationId]);
    await apply();
    expect(await directory().observe(again, tenantId, [object.registrationId])).toMatchObject({
      applied: true,
      objects: [],
    });
    await endMisbehaviour(pool);
    await apply();
    expect(await directory().observe(stuck, tenantId, [])).toMatchObject({ applied: true });
  });

  it('show again what they deleted, once', async () => {
    const acts = ['directory/release', 'management/retire', 'partner_view/hide'] as const;
    await setMisbehaviour(
      pool,
      acts.map((each) => {
        const [neighbour, act] = each.split('/') as ['directory', string];
        return { neighbour, act, kind: 'reappears' as const, atMost: 1 };
      }),
    );
    const [tenantId, object] = [randomUUID(), anObject()];
    const ids = [object.registrationId];
    await directory().preCreate(randomUUID(), tenantId, [object]);
    await partnerView().show(randomUUID(), tenantId, [
      { registrationId: object.registrationId, serialNumber: null, partnerId: randomUUID() },
    ]);
    await apply();
    const [device] = await enrolDevices(pool, tenantId, [{ serialNumber: 'A', registrationId: object.registrationId }]);
    const state = async () => ({
      objects: await directory().read(tenantId, { registrationIds: ids }),
      devices: await management().read(tenantId, { registrationIds: ids }),
      entries: await partnerView().read(tenantId, ids),
    });
    const before = await state();
    const takeAway = async () => {
      await management().retire(randomUUID(), tenantId, [device!.managedDeviceId]);
      await apply();
      await directory().release(randomUUID(), tenantId, ids);
      await partnerView().hide(randomUUID(), tenantId, ids);
      await apply();
    };
    await takeAway();
    expect(await state()).toEqual({ objects: [], devices: [], entries: [] });
    while ((await bringBack(pool)) > 0);
    const after = await state();
    expect(after).toMatchObject({ devices: before.devices, entries: before.entries });
    expect(after.objects.length + (await directory().list(tenantId, { limit: 5 })).items.length).toBeGreaterThan(0);
    await takeAway();
    expect(await bringBack(pool)).toBe(0);
    expect(await state()).toEqual({ objects: [], devices: [], entries: [] });
  });

  it('strike the same calls under the same seed, and about as many as was said', async () => {
    const struck = async (seed: number) => {
      await setMisbehaviour(pool, [
        { neighbour: 'partner_view', act: 'hide', kind: 'unavailable', probability: 0.3, seed },
      ]);
      const calls: boolean[] = [];
      for (let call = 0; call < 60; call += 1)
        calls.push(
          await partnerView()
            .hide('the same', randomUUID(), [])
            .then(
              () => false,
              () => true,
            ),
        );
      return calls;
    };
    const [first, again, other] = [await struck(1), await struck(1), await struck(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const share = first.filter(Boolean).length / first.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.5);
  });

  it('behave when they are applied without leave to misbehave', async () => {
    await setMisbehaviour(pool, [{ neighbour: 'directory', act: '*', kind: 'never_finishes' }]);
    const key = randomUUID();
    await createBuiltInDirectory(pool).release(key, randomUUID(), []);
    while ((await applyDirectoryRequests(pool, 4)) > 0);
    const { rows } = await pool.query(
      'select applied_at is not null as applied from directory.request where key = $1',
      [key],
    );
    expect(rows).toEqual([{ applied: true }]);
  });
});
