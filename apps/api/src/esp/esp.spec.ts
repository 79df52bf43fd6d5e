import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { callsOn, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function aTenant() {
  const tenantId = await api.registry.aTenant();
  const token = await api.issuer.tokenOf('Tenant.Owner', tenantId);
  const call = callsOn(api, tenantId, token);
  const create = async (displayName: string, more: object = {}) =>
    await call('POST', '/espProfiles', { displayName, ...more });
  const order = async () =>
    (await call('GET', '/espProfiles')).body.value.map(
      (esp: { displayName: string; priority: number | null }) => `${esp.priority} ${esp.displayName}`,
    );
  return { tenantId, token, call, create, order };
}
const usual = 'All users and all devices';

describe('Enrollment Status Pages', () => {
  it('begin with the default, which is changed and never created, moved, given away or deleted', async () => {
    const { call, tenantId, order } = await aTenant();
    expect(await order()).toEqual([`null ${usual}`]);
    const path = `/espProfiles/${tenantId}`;
    expect((await call('GET', path)).body).toMatchObject({
      isDefault: true,
      etag: '"1"',
      settings: { installQualityUpdates: false },
    });
    const changed = await call('PATCH', path, { settings: { showInstallationProgress: true } }, '"1"');
    expect(changed.body).toMatchObject({
      isDefault: true,
      etag: '"2"',
      displayName: usual,
      settings: { showInstallationProgress: true, installProgressTimeoutInMinutes: 60 },
    });
    expect((await call('PATCH', path, { priority: 1 }, '"2"')).body.code).toBe('esp.default-is-last');
    expect((await call('PATCH', path, { deviceGroups: [] }, '"2"')).body.code).toBe('esp.default-is-last');
    expect((await call('DELETE', path, undefined, '"2"')).body.code).toBe('esp.default-stays');
    expect((await call('POST', '/espProfiles', { id: tenantId, displayName: 'x' })).body.code).toBe('esp.exists');
    expect(await order()).toEqual([`null ${usual}`]);
  });

  it('have an order that is moved, rewritten, and closes up', async () => {
    const { call, create, order } = await aTenant();
    const ids = new Map<string, string>();
    for (const name of ['a', 'b', 'c']) ids.set(name, (await create(name)).body.id);
    await create('first', { priority: 1 });
    expect(await order()).toEqual(['1 first', '2 a', '3 b', '4 c', `null ${usual}`]);
    const c = await call('GET', `/espProfiles/${ids.get('c')}`);
    expect((await call('PATCH', `/espProfiles/${ids.get('c')}`, { priority: 2 }, c.body.etag)).body).toMatchObject({
      priority: 2,
    });
    expect(await order()).toEqual(['1 first', '2 c', '3 a', '4 b', `null ${usual}`]);
    const a = await call('GET', `/espProfiles/${ids.get('a')}`);
    expect((await call('DELETE', `/espProfiles/${ids.get('a')}`, undefined, a.body.etag)).status).toBe(204);
    expect(await order()).toEqual(['1 first', '2 c', '3 b', `null ${usual}`]);
    const all = (await call('GET', '/espProfiles')).body.value.map(({ id }: { id: string }) => id);
    const reordered = await call('POST', '/espOrder', { espIds: [all[2], all[0], all[1]] });
    expect(reordered.body.value.map(({ displayName }: { displayName: string }) => displayName)).toEqual([
      'b',
      'first',
      'c',
      usual,
    ]);
    expect((await call('POST', '/espOrder', { espIds: [all[2], all[0]] })).body.code).toBe('esp.not-an-order');
    const first = await call('GET', '/espProfiles?maxpagesize=3');
    expect((await call('GET', `/espProfiles${new URL(first.body.nextLink).search}`)).body.value).toHaveLength(1);
  });

  it('are 51 with the default, also when two are created at once', async () => {
    const { create, tenantId } = await aTenant();
    const { body } = await create('one');
    await api.registry.admin.query(
      `insert into registry.esp_profile (tenant_id, id, display_name, priority, settings)
       select $1, gen_random_uuid(), 'Filler', n, $2::jsonb from generate_series(2, 49) as n`,
      [tenantId, JSON.stringify(body.settings)],
    );
    const both = await Promise.all([create('a'), create('b')]);
    expect(both.map(({ status, body: answer }) => [status, answer.code]).sort()).toEqual([
      [201, undefined],
      [409, 'esp.too-many'],
    ]);
  });

  it('are refused with every fault, each at its field', async () => {
    const { create } = await aTenant();
    const blockingApps = Array.from({ length: 101 }, () => ({ id: randomUUID(), displayName: 'App' }));
    const { status, body } = await create('x', { settings: { blockingApps, installProgressTimeoutInMinutes: 0 } });
    expect({
      status,
      code: body.code,
      errors: body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
    }).toEqual({
      status: 422,
      code: 'esp.invalid',
      errors: ['/settings/installProgressTimeoutInMinutes esp.timeout', '/settings/blockingApps esp.too-many-apps'],
    });
    expect((await create('x', { userGroups: [randomUUID()] })).body).toMatchObject({
      code: 'esp.group-unknown',
      errors: [{ pointer: '/userGroups/0' }],
    });
  });

  it('leave a trace in the audit chain', async () => {
    const { tenantId, create, call } = await aTenant();
    const { body } = await create('a');
    await call('PATCH', `/espProfiles/${body.id}`, { description: 'x' }, '"1"');
    await call('POST', '/espOrder', { espIds: [body.id] });
    await call('DELETE', `/espProfiles/${body.id}`, undefined, '"2"');
    const { rows } = await api.registry.admin.query(
      'select action from registry.audit_event where tenant_id = $1 order by seq',
      [tenantId],
    );
    expect(rows.map(({ action }) => action)).toEqual(['esp.created', 'esp.changed', 'esp.ordered', 'esp.deleted']);
  });
});

describe('which page a device shows', () => {
  it('is the first for the device, else for the user, else the default; the profile decides whether a user is asked', async () => {
    const { tenantId, call, create } = await aTenant();
    const [deviceId, userId, groupId, profileId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const { admin } = api.registry;
    await admin.query(
      `insert into registry.device (tenant_id, id, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
       values ($1, $2, 'tenant', $1, $2, 1, 'opaque')`,
      [tenantId, deviceId],
    );
    await admin.query(`insert into registry.device_group (tenant_id, id, display_name) values ($1, $2, 'Kiosks')`, [
      tenantId,
      groupId,
    ]);
    await call('POST', '/users', { id: userId, principalName: 'ada@contoso.example', displayName: 'Ada' });
    const users = await call('POST', '/userGroups', { displayName: 'Pupils', memberIds: [userId] });
    expect(users.status).toBe(201);
    const page = await create('Pupils', { userGroups: [users.body.id] });
    const resolved = async (user = true) => {
      const { body } = await call('GET', `/devices/${deviceId}/esp${user ? `?userId=${userId}` : ''}`);
      return [body.via, body.esp.displayName, body.timeoutMinutes, body.userSkipped];
    };
    expect(await resolved(false)).toEqual(['default', usual, 60, false]);
    expect(await resolved()).toEqual(['user', 'Pupils', 60, false]);

    await call('POST', '/profiles', { id: profileId, displayName: 'Hybrid', settings: { joinType: 'hybrid' } });
    const assign = (groups: string[]) =>
      admin.query(
        `insert into registry.device_assignment (tenant_id, device_id, state, profile_id, profile_version, source, group_ids, run_id)
         values ($1, $2, 'assigning', $3, 1, 'group', $4, $2)
         on conflict (tenant_id, device_id) do update set group_ids = excluded.group_ids`,
        [tenantId, deviceId, profileId, groups],
      );
    await assign([]);
    expect(await resolved()).toEqual(['user', 'Pupils', 100, false]);
    await call(
      'PATCH',
      `/profiles/${profileId}`,
      { settings: { joinType: 'entra', deploymentMode: 'self_deploying' } },
      '"1"',
    );
    expect(await resolved()).toEqual(['default', usual, 60, true]);
    const kiosk = await create('Kiosk', { deviceGroups: [groupId] });
    await assign([groupId]);
    expect(await resolved()).toEqual(['device', 'Kiosk', 60, true]);

    const app = { id: randomUUID(), displayName: 'Editor' };
    const other = { id: randomUUID(), displayName: 'Game' };
    await call('PATCH', `/espProfiles/${kiosk.body.id}`, { settings: { blockingApps: [app, other] } }, '"1"');
    await call('PATCH', `/devices/${deviceId}/facts`, { osFamily: 'windows_11_se' }, '"0"');
    await call('POST', '/approvedApps', app);
    expect((await call('GET', `/devices/${deviceId}/esp`)).body).toMatchObject({
      blockingApps: [app],
      leftOut: [other],
      viaGroups: [groupId],
      profileId,
    });
    expect((await call('DELETE', `/approvedApps/${app.id}`)).status).toBe(204);
    expect((await call('DELETE', `/approvedApps/${app.id}`)).body.code).toBe('app.not-found');
    expect((await call('GET', `/devices/${deviceId}/esp`)).body).toMatchObject({
      blockingApps: [],
      leftOut: [app, other],
    });
    expect((await call('GET', `/devices/${deviceId}/esp?userId=${randomUUID()}`)).body.code).toBe('user.not-found');
    expect((await call('DELETE', `/userGroups/${users.body.id}`, undefined, '"1"')).body.code).toBe(
      'user-group.assigned',
    );
    await call('DELETE', `/espProfiles/${page.body.id}`, undefined, '"1"');
    expect((await call('DELETE', `/userGroups/${users.body.id}`, undefined, '"1"')).status).toBe(204);
  });
});

describe('a group of users', () => {
  it('is created, listed, changed by one who has seen it, and has only users of the tenant', async () => {
    const { call } = await aTenant();
    const userId = randomUUID();
    await call('POST', '/users', { id: userId, principalName: 'ada@contoso.example', displayName: 'Ada' });
    const { body } = await call('POST', '/userGroups', { displayName: 'Pupils' });
    expect(
      (await call('PATCH', `/userGroups/${body.id}`, { memberIds: [userId, randomUUID()] }, '"1"')).body,
    ).toMatchObject({
      code: 'user-group.member-unknown',
      errors: [{ pointer: '/memberIds/1' }],
    });
    expect((await call('PATCH', `/userGroups/${body.id}`, { memberIds: [userId] }, '"1"')).body).toMatchObject({
      displayName: 'Pupils',
      memberIds: [userId],
      etag: '"2"',
    });
    expect((await call('PATCH', `/userGroups/${body.id}`, { displayName: 'x' }, '"1"')).body.code).toBe(
      'precondition.failed',
    );
    expect((await call('GET', '/userGroups')).body.value).toHaveLength(1);
  });
});
