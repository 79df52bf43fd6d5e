import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { callsOn, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function aSchool(kind = 'school') {
  const tenantId = await api.registry.aTenant();
  await api.registry.admin.query('update registry.tenant set kind = $2 where id = $1', [tenantId, kind]);
  const token = await api.issuer.tokenOf('School.Administrator', tenantId);
  const call = callsOn(api, tenantId, token);
  const aDevice = async (groupTag: string) => {
    const id = randomUUID();
    await api.registry.admin.query(
      `insert into registry.device (tenant_id, id, group_tag, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
       values ($1, $2, $3, 'tenant', $1, $2, 1, 'opaque')`,
      [tenantId, id, groupTag],
    );
    return id;
  };
  const evaluated = (deviceId: string, profileId: string | null, groups: string[]) =>
    api.registry.admin.query(
      `insert into registry.device_assignment (tenant_id, device_id, state, profile_id, profile_version, source, group_ids, run_id)
       values ($1, $2, $3, $4, 1, 'group', $5, $2)`,
      [tenantId, deviceId, profileId === null ? 'unassigned' : 'assigned', profileId, groups],
    );
  return { tenantId, token, call, aDevice, evaluated };
}

describe('a school administrator', () => {
  it('is one in a school alone', async () => {
    const school = await aSchool();
    expect((await api.call('GET', '/v1/whoami', { token: school.token })).body.roles).toEqual(['school_administrator']);
    const organisation = await aSchool('organisation');
    expect((await organisation.call('GET', '/profiles')).status).toBe(403);
    expect((await school.call('GET', '/profiles')).status).toBe(200);
  });

  it('does not register devices and does not decide about partners', async () => {
    const { call } = await aSchool();
    expect((await call('POST', '/imports', 'x')).status).toBe(403);
    expect((await call('POST', '/consents', { partnerId: randomUUID() })).status).toBe(403);
  });
});

describe('school groups', () => {
  it('are one for each group tag, whatever its case', async () => {
    const { call, aDevice, tenantId } = await aSchool();
    for (const tag of ['Class 7b', 'Class 7b', 'Art "room"']) await aDevice(tag);
    expect((await call('GET', '/schoolGroups')).body.value).toEqual([
      { groupTag: 'Art "room"', devices: 1, groupId: null, displayName: null },
      { groupTag: 'Class 7b', devices: 2, groupId: null, displayName: null },
    ]);
    const made = await call('POST', '/schoolGroups', { groupTag: 'Class 7b' });
    expect(made).toMatchObject({ status: 201, body: { devices: 2, displayName: 'Devices of Class 7b' } });
    expect((await call('POST', '/schoolGroups', { groupTag: 'CLASS 7B' })).body.code).toBe('education.tag-has-group');
    const first = await call('GET', '/schoolGroups?maxpagesize=1');
    const second = await call('GET', `/schoolGroups${new URL(first.body.nextLink).search}`);
    expect(second.body.value).toEqual([
      { groupTag: 'Class 7b', devices: 2, groupId: made.body.groupId, displayName: 'Devices of Class 7b' },
    ]);
    const { rows } = await api.registry.admin.query('select rule from registry.device_group where tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([{ rule: '(device.devicePhysicalIds -any (_ -eq "[OrderID]:Class 7b"))' }]);
    const causes = await api.registry.admin.query(
      'select kind, subject from registry.assignment_cause where tenant_id = $1',
      [tenantId],
    );
    expect(causes.rows).toEqual([{ kind: 'group', subject: made.body.groupId }]);
  });

  it('are made once, also by two calls at once', async () => {
    const { call } = await aSchool();
    const both = await Promise.all(['A', 'a'].map((groupTag) => call('POST', '/schoolGroups', { groupTag })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('are for schools', async () => {
    const { tenantId } = await aSchool('organisation');
    const token = await api.issuer.tokenOf('Tenant.Owner', tenantId);
    const answer = await api.call('GET', `/v1/tenants/${tenantId}/schoolGroups`, { token });
    expect([answer.status, answer.body.code]).toEqual([409, 'education.not-a-school']);
  });

  it('show the Windows device settings that reach their members', async () => {
    const { call, aDevice, evaluated, tenantId } = await aSchool();
    const group = (await call('POST', '/schoolGroups', { groupTag: '7b' })).body.groupId as string;
    const own = (await call('POST', '/profiles', { displayName: 'Pupils' })).body.id as string;
    const other = (
      await call('POST', '/profiles', { displayName: 'Kiosk', settings: { deploymentMode: 'self_deploying' } })
    ).body.id as string;
    await call('PATCH', `/profiles/${own}/assignments`, { includedGroups: [group] }, '"1"');
    const app = { id: randomUUID(), displayName: 'Game' };
    await call('POST', '/espProfiles', {
      displayName: 'Wait',
      deviceGroups: [group],
      settings: { blockingApps: [app] },
    });
    const path = `/schoolGroups/${group}/windowsDeviceSettings`;
    expect((await call('GET', path)).body).toMatchObject({
      ownership: 'school_owned',
      members: 0,
      profiles: [{ profileId: own, ofThisGroup: true, devices: 0, states: {} }],
      pages: [],
    });
    const devices = await Promise.all([1, 2, 3, 4].map(() => aDevice('7b')));
    await evaluated(devices[0]!, own, [group]);
    await evaluated(devices[1]!, own, [group, randomUUID()]);
    await evaluated(devices[2]!, other, [group]);
    await evaluated(devices[3]!, null, []);
    await api.registry.admin.query(
      `insert into registry.device_facts (tenant_id, device_id, os_family) values ($1, $2, 'windows_11_se')`,
      [tenantId, devices[0]],
    );
    const { body } = await call('GET', path);
    expect(body.members).toBe(3);
    expect(body.profiles).toMatchObject([
      {
        displayName: 'Pupils',
        ofThisGroup: true,
        devices: 2,
        states: { assigned: 2 },
        settings: { deploymentMode: 'user_driven' },
      },
      {
        displayName: 'Kiosk',
        ofThisGroup: false,
        devices: 1,
        states: { assigned: 1 },
        settings: { deploymentMode: 'self_deploying' },
      },
    ]);
    const pages = body.pages.map(
      ({ displayName, devices: count, leftOut }: { displayName: string; devices: number; leftOut: string[] }) => [
        displayName,
        count,
        leftOut,
      ],
    );
    expect(pages).toHaveLength(2);
    expect(pages).toEqual(
      expect.arrayContaining([
        ['Wait', 2, []],
        ['Wait', 1, ['Game']],
      ]),
    );
    expect((await call('GET', `/schoolGroups/${randomUUID()}/windowsDeviceSettings`)).body.code).toBe(
      'education.group-not-found',
    );
  });
});

describe('a device', () => {
  it.each([
    ['school', 'school_owned'],
    ['organisation', 'company_owned'],
  ])('of a %s shows as %s', async (kind, ownership) => {
    const { tenantId, aDevice } = await aSchool(kind);
    const id = await aDevice('7b');
    const token = await api.issuer.tokenOf('Tenant.Owner', tenantId);
    const one = await api.call('GET', `/v1/tenants/${tenantId}/devices/${id}`, { token });
    const all = await api.call('GET', `/v1/tenants/${tenantId}/devices`, { token });
    expect([one.body.ownership, all.body.value[0].ownership]).toEqual([ownership, ownership]);
  });
});

describe('an import for Windows 11 SE', () => {
  const importing = async (query: string) => {
    const { tenantId } = await aSchool();
    const token = await api.issuer.tokenOf('Device.Administrator', tenantId);
    const body = 'Device Serial Number,Windows Product ID,Hardware Hash\nS1,,AAAA\n';
    return await api.call('POST', `/v1/tenants/${tenantId}/imports?${query}`, {
      token,
      body,
      headers: { 'content-type': 'text/csv' },
    });
  };

  it.each(['powershell', 'configuration_manager'])(
    'is refused where its hashes are declared as captured by %s',
    async (how) => {
      const { status, body } = await importing(`osFamily=windows_11_se&capturedBy=${how}`);
      expect({ status, code: body.code }).toEqual({ status: 422, code: 'capture.not-on-windows-11-se' });
      expect(body.detail).toMatch(/OEM, a partner or a reseller/);
    },
  );

  it.each([
    'osFamily=windows_11_se&capturedBy=manual',
    'osFamily=windows_11_se',
    'osFamily=windows_11&capturedBy=powershell',
  ])('is taken with %s', async (query) => {
    expect((await importing(query)).status).toBe(202);
  });
});
