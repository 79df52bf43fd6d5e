import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aGroup, aProfile, openAssigning, type Assigning } from '../../../../test/support/assigning.js';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { removeRegistrations } from '../registration/remove-registrations.js';
import { assignChunk } from './assign-chunk.js';
import { closeAssignment, openAssignment } from './assignment-run.js';
import { deliverAssignment } from './delivery.js';
import { putBackChunk } from './put-back-chunk.js';

describe('an assignment run', () => {
  let world: Assigning;
  let tenantId: string;

  beforeAll(async () => {
    world = await openAssigning();
  });
  afterAll(() => world.close());

  const tagged = (tag: string) => `(device.devicePhysicalIds -any (_ -eq "[OrderID]:${tag}"))`;

  async function aTenantWith(devices: { groupTag?: string; model?: string }[]): Promise<string[]> {
    tenantId = await world.registry.aTenant();
    return await world.devices(tenantId, devices);
  }
  async function shown(ids: readonly string[]) {
    const { rows } = await world.registry.admin.query(
      `select device_id, state, profile_id, profile_version, source, via_group_id, detail, group_ids, assigned_at is not null as dated
       from registry.device_assignment where tenant_id = $1 and device_id = any ($2)`,
      [tenantId, ids],
    );
    const byId = new Map(rows.map(({ device_id, ...row }) => [device_id, row]));
    return ids.map((id) => byId.get(id));
  }
  const profilesOf = async (ids: readonly string[]) => (await shown(ids)).map((row) => row?.profile_id ?? null);

  it('gives each device the profile of its groups, with a date, and the built-in default to the others', async () => {
    const ids = await aTenantWith([{ groupTag: 'Kiosk' }, { groupTag: 'KIOSK' }, { groupTag: 'Office' }, {}]);
    const kiosks = await aGroup(world, tenantId, tagged('kiosk'));
    const profile = await aProfile(world, tenantId, { included: [kiosks] });
    expect((await world.run(tenantId, 2)).outcome).toMatchObject({ devices: 4, moved: 2, unchanged: 2, failed: 0 });
    const due = {
      state: 'assigned',
      profile_id: profile,
      profile_version: 1,
      source: 'group',
      via_group_id: kiosks,
      detail: null,
      group_ids: [kiosks],
      dated: true,
    };
    const none = { state: 'unassigned', profile_id: null, source: 'built_in', group_ids: [], dated: false };
    expect(await shown(ids)).toMatchObject([due, due, none, none]);
  });

  it('follows the name that somebody gave a device, and else its serial number', async () => {
    const [named, other] = await aTenantWith([{}, {}]);
    const group = await aGroup(world, tenantId, '(device.displayName -startsWith "Lobby")');
    const profile = await aProfile(world, tenantId, { included: [group] });
    await world.run(tenantId, 2);
    expect(await profilesOf([named!, other!])).toEqual([null, null]);
    await world.registry.admin.query(
      `insert into registry.device_designation (tenant_id, device_id, display_name) values ($1, $2, 'Lobby-1')`,
      [tenantId, named],
    );
    await world.run(tenantId, 2);
    expect(await profilesOf([named!, other!])).toEqual([profile, null]);
    await world.registry.admin.query('delete from registry.device_designation where device_id = $1', [named]);
    await world.run(tenantId, 2);
    expect(await profilesOf([named!, other!])).toEqual([null, null]);
  });

  it('follows named members, exclusions, the oldest profile and all devices', async () => {
    const ids = await aTenantWith([{ groupTag: 'A' }, { groupTag: 'A' }, { groupTag: 'B' }, {}]);
    const [a, named] = [
      await aGroup(world, tenantId, tagged('A')),
      await aGroup(
        world,
        tenantId,
        null,
        [0, 3].map((at) => ids[at]!),
      ),
    ];
    const oldest = await aProfile(world, tenantId, { included: [a], excluded: [named] });
    const younger = await aProfile(world, tenantId, { included: [named, a] });
    const everybody = await aProfile(world, tenantId, { allDevices: true });
    await world.run(tenantId, 10);
    expect(await profilesOf(ids)).toEqual([younger, oldest, everybody, younger]);
  });

  it('fails with the reason where a profile does not fit, and mends itself when the facts are known better', async () => {
    const ids = await aTenantWith([{}, {}]);
    await aProfile(world, tenantId, { allDevices: true, deploymentMode: 'self_deploying' });
    const tpm = (id: string, version: string) =>
      world.registry.admin.query(
        `insert into registry.device_facts as f (tenant_id, device_id, tpm) values ($1, $2, $3)
         on conflict (tenant_id, device_id) do update set tpm = $3, version = f.version + 1`,
        [tenantId, id, version],
      );
    await tpm(ids[0]!, 'none');
    expect((await world.run(tenantId, 10)).outcome).toMatchObject({ moved: 2, failed: 1 });
    expect(await shown(ids)).toMatchObject([
      { state: 'failed', detail: 'hardware_requirements_not_met', dated: false },
      { state: 'assigned', detail: null, dated: true },
    ]);
    await tpm(ids[0]!, '2.0');
    expect((await world.run(tenantId, 10)).outcome).toMatchObject({ moved: 1, unchanged: 1 });
    expect(await shown(ids)).toMatchObject([{ state: 'assigned', detail: null }, { state: 'assigned' }]);
  });

  it('leaves a device alone whose profile stays: its date stays, too', async () => {
    const ids = await aTenantWith([{ groupTag: 'A' }]);
    await aProfile(world, tenantId, { included: [await aGroup(world, tenantId, tagged('A'))] });
    await world.run(tenantId, 10);
    const dates = () =>
      world.registry.admin.query('select assigned_at, xmin from registry.device_assignment where device_id = $1', [
        ids[0],
      ]);
    const before = (await dates()).rows;
    expect((await world.run(tenantId, 10)).outcome).toMatchObject({ moved: 0, unchanged: 1 });
    expect((await dates()).rows).toEqual(before);
  });

  it('follows a changed tag and a changed profile', async () => {
    const ids = await aTenantWith([{ groupTag: 'A' }, { groupTag: 'B' }]);
    const profile = await aProfile(world, tenantId, { included: [await aGroup(world, tenantId, tagged('B'))] });
    await world.run(tenantId, 10);
    await world.registry.admin.query(
      `update registry.device set group_tag = 'b', version = version + 1 where id = $1`,
      [ids[0]],
    );
    await world.registry.admin.query('update registry.profile set version = 2 where id = $1', [profile]);
    expect((await world.run(tenantId, 10)).outcome).toMatchObject({ moved: 2 });
    expect(await shown(ids)).toMatchObject([{ profile_version: 2 }, { profile_version: 2 }]);
  });

  it('writes nothing for a device that was taken out meanwhile', async () => {
    const ids = await aTenantWith([{}, {}, {}]);
    const key = await world.ask(tenantId);
    await openAssignment(world.worker, key, 10);
    await inTenant(world.worker, tenantId, (client) => removeRegistrations(client, tenantId, [ids[1]!]));
    await assignChunk(world.worker, { ...key, chunk: 1 });
    expect((await closeAssignment(world.worker, key)).outcome).toMatchObject({ devices: 3, gone: 1 });
    expect((await shown(ids)).map((row) => row?.state)).toEqual(['unassigned', undefined, 'unassigned']);
  });

  it('does a chunk once, however often it is asked', async () => {
    const ids = await aTenantWith([{}, {}]);
    const profile = await aProfile(world, tenantId, { allDevices: true });
    const key = await world.ask(tenantId);
    await openAssignment(world.worker, key, 10);
    const chunk = { ...key, chunk: 1 };
    expect(await Promise.all([1, 2, 3].map(() => assignChunk(world.worker, chunk)))).toEqual(['done', 'done', 'done']);
    const { rows } = await world.registry.admin.query(
      `select kind, count(*)::int as times from registry.run_event where run_id = $1 and kind like 'chunk.%' group by 1 order by 1`,
      [key.runId],
    );
    expect(rows).toEqual([
      { kind: 'chunk.assigned', times: 1 },
      { kind: 'chunk.assigning', times: 1 },
    ]);
    expect(await profilesOf(ids)).toEqual([profile, profile]);
    await closeAssignment(world.worker, key);
  });

  it('does not date what does not read back as it was written, and writes it again', async () => {
    const ids = await aTenantWith([{}, {}]);
    const profile = await aProfile(world, tenantId, { allDevices: true });
    const key = await world.ask(tenantId);
    await openAssignment(world.worker, key, 10);
    const chunk = { ...key, chunk: 1 };
    await assignChunk(world.worker, chunk);
    // As if the second transaction never came, and somebody changed a row by hand in between.
    await world.registry.admin.query(`update registry.assignment_chunk set state = 'written' where run_id = $1`, [
      key.runId,
    ]);
    await world.registry.admin.query(
      `update registry.device_assignment set state = 'assigning', assigned_at = null where tenant_id = $1`,
      [tenantId],
    );
    await world.registry.admin.query('update registry.device_assignment set profile_id = $2 where device_id = $1', [
      ids[0],
      randomUUID(),
    ]);
    expect(await assignChunk(world.worker, chunk)).toBe('differs');
    expect((await shown(ids)).map((row) => row?.state)).toEqual(['assigning', 'assigning']);
    expect(await assignChunk(world.worker, chunk)).toBe('done');
    expect(await shown(ids)).toMatchObject([
      { state: 'assigned', profile_id: profile, dated: true },
      { state: 'assigned', profile_id: profile, dated: true },
    ]);
    await closeAssignment(world.worker, key);
  });

  describe('that is cancelled in the middle', () => {
    async function inTheMiddle() {
      const ids = await aTenantWith(Array.from({ length: 10 }, (_, index) => ({ groupTag: index < 8 ? 'A' : 'B' })));
      const group = await aGroup(world, tenantId, tagged('A'));
      const before = await aProfile(world, tenantId, { included: [group] });
      await world.run(tenantId, 10);
      const had = await shown(ids);
      await world.registry.admin.query('delete from registry.profile_assignment where profile_id = $1', [before]);
      const after = await aProfile(world, tenantId, { allDevices: true });
      const key = await world.ask(tenantId);
      expect(await openAssignment(world.worker, key, 2)).toMatchObject({ chunkCount: 5 });
      for (const chunk of [1, 2, 5]) await assignChunk(world.worker, { ...key, chunk });
      expect(await profilesOf(ids)).toEqual([after, after, after, after, before, before, before, before, after, after]);
      return { ids, had, before, after, key };
    }

    it('puts every changed device back to what it had, with its date, and reads that back', async () => {
      const { ids, had, key } = await inTheMiddle();
      await world.tell(key, 'cancel');
      expect(await assignChunk(world.worker, { ...key, chunk: 3 })).toBe('stop');
      expect((await closeAssignment(world.worker, key)).putBackFirst).toBe(true);
      for (const chunk of [1, 2, 3, 4, 5]) {
        expect(await putBackChunk(world.worker, { ...key, chunk })).toBe('done');
        expect(await putBackChunk(world.worker, { ...key, chunk })).toBe('done');
      }
      const { putBackFirst, outcome } = await closeAssignment(world.worker, key);
      expect({ putBackFirst, outcome }).toMatchObject({
        putBackFirst: false,
        outcome: { moved: 6, putBack: 6, kept: 0 },
      });
      expect(await shown(ids)).toEqual(had);
      const { rows } = await world.registry.admin.query(
        `select r.state, r.outcome->>'putBack' as "putBack",
           (select array_agg(distinct s.state) from registry.run_step s where s.run_id = r.id and s.step = 'put_back_profile') as steps
         from registry.run r where r.id = $1`,
        [key.runId],
      );
      expect(rows).toEqual([{ state: 'cancelled', putBack: '6', steps: ['observed'] }]);
    });

    it('lets a device that booted meanwhile keep what it got, and says so', async () => {
      const { ids, had, after, key } = await inTheMiddle();
      const booted = await inTenant(world.worker, tenantId, (client) =>
        deliverAssignment(askOf(client), tenantId, ids[1]!),
      );
      expect(booted).toMatchObject({ state: 'assigned', profileId: after });
      await world.tell(key, 'cancel');
      for (const chunk of [1, 2, 3, 4, 5]) await putBackChunk(world.worker, { ...key, chunk });
      expect((await closeAssignment(world.worker, key)).outcome).toMatchObject({ putBack: 5, kept: 1 });
      const now = await shown(ids);
      expect(now[1]).toMatchObject({ state: 'assigned', profile_id: after });
      expect(now.filter((_, index) => index !== 1)).toEqual(had.filter((_, index) => index !== 1));
      const { rows } = await world.registry.admin.query(
        `select s.device_id, s.state, s.detail, a.kept_run_id = s.run_id as kept from registry.run_step s
         join registry.device_assignment a on a.device_id = s.device_id where s.run_id = $1`,
        [key.runId],
      );
      expect(rows).toEqual([{ device_id: ids[1], state: 'refused', detail: { kept: 'delivered' }, kept: true }]);
    });

    it('never takes from a device what it was given at that very moment', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { ids, before, after, key } = await inTheMiddle();
        await world.tell(key, 'cancel');
        const [delivered] = await Promise.all([
          inTenant(world.worker, tenantId, (client) => deliverAssignment(askOf(client), tenantId, ids[0]!)),
          putBackChunk(world.worker, { ...key, chunk: 1 }),
        ]);
        expect([before, after]).toContain(delivered!.profileId);
        expect(await profilesOf([ids[0]!])).toEqual([delivered!.profileId]);
        for (const chunk of [2, 5]) await putBackChunk(world.worker, { ...key, chunk });
        await closeAssignment(world.worker, key);
      }
    });

    it('is looked at again with the next change, as if nothing had been', async () => {
      const { ids, after, key } = await inTheMiddle();
      await world.tell(key, 'cancel');
      for (const chunk of [1, 2, 5]) await putBackChunk(world.worker, { ...key, chunk });
      await closeAssignment(world.worker, key);
      expect((await world.run(tenantId, 10)).outcome).toMatchObject({ moved: 10 });
      expect(new Set(await profilesOf(ids))).toEqual(new Set([after]));
    });
  });

  it('takes back a first assignment to none', async () => {
    const ids = await aTenantWith([{}]);
    await aProfile(world, tenantId, { allDevices: true });
    const key = await world.ask(tenantId);
    await openAssignment(world.worker, key, 10);
    await assignChunk(world.worker, { ...key, chunk: 1 });
    await world.tell(key, 'cancel');
    await putBackChunk(world.worker, { ...key, chunk: 1 });
    await closeAssignment(world.worker, key);
    expect(await shown(ids)).toMatchObject([
      { state: 'unassigned', profile_id: null, source: 'built_in', dated: false },
    ]);
  });
});
