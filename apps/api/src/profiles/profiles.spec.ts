import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profilesConvertingDevices } from '@groundcrew/persistence';
import { randomUUID } from 'node:crypto';
import { startApi, type CallResult, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]).toString('base64');

/** A tenant of its own for every test. */
async function aTenant(kind = 'organisation') {
  const tenantId = await api.registry.aTenant();
  await api.registry.admin.query('update registry.tenant set kind = $2 where id = $1', [tenantId, kind]);
  const token = await api.issuer.tokenOf('Device.Administrator', tenantId);
  const call = (method: string, path: string, body?: unknown, etag?: string): Promise<CallResult> =>
    api.call(method, `/v1/tenants/${tenantId}${path}`, {
      token,
      ...(body !== undefined && { body }),
      ...(etag !== undefined && { headers: { 'if-match': etag } }),
    });
  const create = (settings: object = {}, more: object = {}) =>
    call('POST', '/profiles', { displayName: 'Kiosk', settings, ...more });
  const aGroup = async () => {
    const id = randomUUID();
    await api.registry.admin.query(
      `insert into registry.device_group (tenant_id, id, display_name) values ($1, $2, 'Group')`,
      [tenantId, id],
    );
    return id;
  };
  const audited = async () =>
    (
      await api.registry.admin.query<{ action: string }>(
        'select action from registry.audit_event where tenant_id = $1 order by seq',
        [tenantId],
      )
    ).rows.map(({ action }) => action);
  return { tenantId, token, call, create, aGroup, audited };
}

const issuesOf = ({ status, body }: CallResult) => ({
  status,
  code: body.code,
  errors: body.errors?.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
});

describe('a profile', () => {
  it('is created with defaults, read with everything that belongs to it, and changed by merging', async () => {
    const { call, create, audited } = await aTenant();
    const created = await create({ eulaHidden: true }, { description: 'For the hall' });
    expect(created).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: {
        description: 'For the hall',
        oobeConfig: 280,
        settings: { deploymentMode: 'user_driven', userType: 'administrator', locale: 'os-default', eulaHidden: true },
      },
    });
    const path = `/profiles/${created.body.id}`;
    const change = { displayName: ' Hall ', description: null, settings: { deploymentMode: 'self_deploying' } };
    expect(await call('PATCH', path, change, '"1"')).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: {
        displayName: 'Hall',
        description: null,
        settings: { deploymentMode: 'self_deploying', userType: null, eulaHidden: true },
      },
    });
    expect((await call('GET', path)).body).toMatchObject({
      version: 2,
      branding: null,
      targets: { includedGroups: [], excludedGroups: [], allDevices: false, etag: '"1"' },
    });
    expect(await audited()).toEqual(['profile.created', 'profile.changed']);
  });

  it('keeps its versions, with who made them, also when it is gone; its id is not used again', async () => {
    const { call, create } = await aTenant();
    const { body } = await create();
    const path = `/profiles/${body.id}`;
    await call('PATCH', path, { settings: { eulaHidden: true } }, '"1"');
    expect((await call('DELETE', path, undefined, '"1"')).body.code).toBe('precondition.failed');
    expect((await call('DELETE', path, undefined, '"2"')).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    const versions = await call('GET', `${path}/versions?maxpagesize=2`);
    expect(versions.body.value.map((each: never) => pick(each, 'version', 'deleted'))).toEqual([
      { version: 1, deleted: false },
      { version: 2, deleted: false },
    ]);
    expect(versions.body.value[1]).toMatchObject({
      settings: { eulaHidden: true },
      changedBy: expect.stringMatching(/^user:/),
    });
    const next = new URL(versions.body.nextLink);
    expect((await call('GET', `${path}/versions${next.search}`)).body).toMatchObject({
      value: [{ version: 3, deleted: true }],
    });
    expect((await create({}, { id: body.id })).body.code).toBe('profile.exists');
  });

  it('is refused with every fault, each at its field', async () => {
    const { create } = await aTenant();
    expect(
      issuesOf(
        await create(
          { escapeLinkHidden: true, deviceNameTemplate: '%RAND:3%', joinType: 'entra' },
          { displayName: ' ' },
        ),
      ),
    ).toEqual({
      status: 422,
      code: 'profile.invalid',
      errors: [
        '/displayName profile.name-empty',
        '/settings/escapeLinkHidden profile.branding-missing',
        '/settings/deviceNameTemplate name.only-digits',
      ],
    });
    expect(issuesOf(await create({ colour: 'red' }))).toMatchObject({
      status: 400,
      code: 'body.invalid',
      errors: ['/settings/colour unknown'],
    });
  });

  it('is changed by one who has seen it', async () => {
    const { call, create } = await aTenant();
    const { body } = await create();
    const path = `/profiles/${body.id}`;
    expect((await call('PATCH', path, { displayName: 'x' })).body.code).toBe('precondition.missing');
    expect((await call('PATCH', path, { displayName: 'x' }, '"7"')).body.code).toBe('precondition.failed');
    const both = await Promise.all(['a', 'b'].map((displayName) => call('PATCH', path, { displayName }, '"1"')));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('is one of 350 at most, also when two are created at once', async () => {
    const { tenantId, create, call } = await aTenant();
    await api.registry.admin.query(
      `insert into registry.profile (tenant_id, id, display_name, settings)
       select $1, gen_random_uuid(), 'Filler', $2::jsonb from generate_series(1, 349)`,
      [tenantId, JSON.stringify((await (await aTenant()).create()).body.settings)],
    );
    const both = await Promise.all([create(), create()]);
    expect(both.map(({ status, body }) => [status, body.code]).sort()).toEqual([
      [201, undefined],
      [409, 'profile.too-many'],
    ]);
    const first = await call('GET', '/profiles?maxpagesize=349');
    const second = await call('GET', `/profiles${new URL(first.body.nextLink).search}`);
    const ids = [...first.body.value, ...second.body.value].map(({ id }: { id: string }) => id);
    expect([second.body.value.length, new Set(ids).size]).toEqual([1, 350]);
    expect(second.body.value[0].displayName).toBe('Kiosk');
  });

  it('is written as a file for existing devices, in ASCII', async () => {
    const { call, create, tenantId } = await aTenant();
    const { body } = await create(
      { deploymentMode: 'existing_devices', userType: 'standard' },
      { displayName: 'Büro' },
    );
    const file = await call('GET', `/profiles/${body.id}/offlineFile?tenantDomain=contoso.example`);
    expect(file.headers['content-disposition']).toBe('attachment; filename="AutopilotConfigurationFile.json"');
    expect(file.text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(JSON.parse(file.text)).toMatchObject({
      CloudAssignedTenantId: tenantId,
      ZtdCorrelationId: body.id,
      CloudAssignedOobeConfig: 266,
      Comment_File: 'Profile Büro',
    });
    expect((await call('GET', `/profiles/${body.id}/offlineFile`)).body.code).toBe('parameter.invalid');
    expect((await call('GET', `/profiles/${body.id}/offlineFile?tenantDomain=a%22b`)).body.code).toBe(
      'parameter.invalid',
    );
    const kiosk = await create({ deploymentMode: 'self_deploying' });
    expect((await call('GET', `/profiles/${kiosk.body.id}/offlineFile?tenantDomain=contoso.example`)).body.code).toBe(
      'profile.not-exportable',
    );
  });
});

describe('branding', () => {
  it('travels with a profile, and cannot go while one hides account options behind it', async () => {
    const { call, create } = await aTenant();
    expect((await call('PATCH', '/branding', { signInText: 'Hello' }, '"0"')).body.code).toBe('branding.needs-name');
    const branding = { displayName: 'Contoso', logo: { mediaType: 'image/png', data: png }, signInText: 'Hello' };
    expect(await call('PATCH', '/branding', branding, '"0"')).toMatchObject({
      status: 200,
      body: branding,
      headers: { etag: '"1"' },
    });
    expect((await call('PATCH', '/branding', branding, '"0"')).body.code).toBe('precondition.failed');
    const profile = await create({ escapeLinkHidden: true });
    expect((await call('GET', `/profiles/${profile.body.id}`)).body.branding).toMatchObject(branding);
    expect((await call('DELETE', '/branding', undefined, '"1"')).body.code).toBe('branding.in-use');
    expect((await call('PATCH', '/branding', { logo: null }, '"1"')).body).toMatchObject({
      displayName: 'Contoso',
      logo: null,
      signInText: 'Hello',
    });
    await call('DELETE', `/profiles/${profile.body.id}`, undefined, '"1"');
    expect((await call('DELETE', '/branding', undefined, '"2"')).status).toBe(204);
    expect((await call('GET', '/branding')).body.code).toBe('branding.not-found');
  });

  it.each([
    ['image/jpeg', png],
    ['image/png', Buffer.concat([Buffer.from(png, 'base64'), Buffer.alloc(51_200)]).toString('base64')],
  ])('takes only a picture that is one: %s', async (mediaType, data) => {
    const { call } = await aTenant();
    const { status, body } = await call(
      'PATCH',
      '/branding',
      { displayName: 'Contoso', logo: { mediaType, data } },
      '"0"',
    );
    expect([status, body.code]).toEqual(expect.arrayContaining([body.code === 'body.invalid' ? 400 : 422]));
    expect(['branding.logo', 'body.invalid']).toContain(body.code);
  });
});

describe('assigning a profile', () => {
  it('replaces what is named, starts one run for many changes, and keeps the profile from being deleted', async () => {
    const { call, create, aGroup, audited, tenantId } = await aTenant();
    const [kiosks, vip] = [await aGroup(), await aGroup()];
    const { body } = await create();
    const path = `/profiles/${body.id}/assignments`;
    const given = await call('PATCH', path, { includedGroups: [kiosks], excludedGroups: [vip] }, '"1"');
    expect(given).toMatchObject({
      status: 200,
      body: { includedGroups: [kiosks], excludedGroups: [vip], etag: '"2"' },
    });
    const again = await call('PATCH', path, { excludedGroups: [] }, '"2"');
    expect(again.body).toMatchObject({
      includedGroups: [kiosks],
      excludedGroups: [],
      operationId: given.body.operationId,
    });
    expect((await call('GET', path)).body).toEqual({
      includedGroups: [kiosks],
      excludedGroups: [],
      allDevices: false,
      etag: '"3"',
    });
    expect((await call('DELETE', `/profiles/${body.id}`, undefined, '"1"')).body.code).toBe('profile.assigned');
    await call('PATCH', path, { includedGroups: [] }, '"3"');
    expect((await call('DELETE', `/profiles/${body.id}`, undefined, '"1"')).status).toBe(204);
    const { rows } = await api.registry.admin.query('select kind, state from registry.run where tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([{ kind: 'assignment', state: 'accepted' }]);
    expect(await audited()).toEqual([
      'profile.created',
      'profile.assigned',
      'profile.assigned',
      'profile.assigned',
      'profile.deleted',
    ]);
  });

  it('asks for a run when the settings of an assigned profile change, and only then', async () => {
    const { call, create, tenantId } = await aTenant();
    const { body } = await create();
    const causes = async () =>
      (
        await api.registry.admin.query('select kind, subject from registry.assignment_cause where tenant_id = $1', [
          tenantId,
        ])
      ).rows;
    await call('PATCH', `/profiles/${body.id}`, { settings: { eulaHidden: true } }, '"1"');
    expect(await causes()).toEqual([]);
    await call('PATCH', `/profiles/${body.id}/assignments`, { allDevices: true }, '"1"');
    await call('PATCH', `/profiles/${body.id}`, { settings: { eulaHidden: false } }, '"2"');
    expect(await causes()).toEqual([
      { kind: 'profile', subject: body.id },
      { kind: 'profile', subject: body.id },
    ]);
  });

  it('is refused where it makes no sense', async () => {
    const { call, create, aGroup } = await aTenant();
    const group = await aGroup();
    const { body } = await create();
    const give = (targets: object) => call('PATCH', `/profiles/${body.id}/assignments`, targets, '"1"');
    expect((await give({ allDevices: true, excludedGroups: [group] })).body.code).toBe(
      'profile.exclusion-of-all-devices',
    );
    expect((await give({ includedGroups: [group], excludedGroups: [group] })).body.code).toBe('profile.group-twice');
    expect(issuesOf(await give({ excludedGroups: [group, randomUUID()] }))).toEqual({
      status: 422,
      code: 'profile.group-unknown',
      errors: ['/excludedGroups/1 profile.group-unknown'],
    });
    const offline = await create({ deploymentMode: 'existing_devices' });
    expect(
      (await call('PATCH', `/profiles/${offline.body.id}/assignments`, { allDevices: true }, '"1"')).body.code,
    ).toBe('profile.not-assignable');
    expect((await give({ includedGroups: [group] })).status).toBe(200);
    expect(
      (await call('PATCH', `/profiles/${body.id}`, { settings: { deploymentMode: 'existing_devices' } }, '"1"')).body
        .code,
    ).toBe('profile.not-assignable');
  });

  it('gives a school group one profile', async () => {
    const { call, create, aGroup } = await aTenant('school');
    const group = await aGroup();
    const [first, second] = [await create(), await create()];
    const give = (id: string) => call('PATCH', `/profiles/${id}/assignments`, { includedGroups: [group] }, '"1"');
    expect((await give(first.body.id)).status).toBe(200);
    expect(issuesOf(await give(second.body.id))).toEqual({
      status: 409,
      code: 'education.group-has-profile',
      errors: ['/includedGroups/0 education.group-has-profile'],
    });
  });

  it("does not reach another tenant's groups", async () => {
    const mine = await aTenant();
    const theirs = await (await aTenant()).aGroup();
    const { body } = await mine.create();
    expect(
      (await mine.call('PATCH', `/profiles/${body.id}/assignments`, { includedGroups: [theirs] }, '"1"')).body.code,
    ).toBe('profile.group-unknown');
  });
});

describe('profiles that convert the devices they reach', () => {
  it('are told to the channel that registers by itself, the oldest first, tenant by tenant', async () => {
    const [mine, other] = [await aTenant(), await aTenant()];
    const converting = { hardwareHashExtractionEnabled: true };
    const first = await mine.create(converting);
    await mine.create();
    const second = await mine.create(converting);
    await other.create(converting);
    const unit = {
      query: async <Row>(sql: string, values: readonly unknown[] = []) =>
        (await api.registry.admin.query(sql, [...values])).rows as Row[],
    };
    expect(await profilesConvertingDevices(unit, mine.tenantId)).toEqual([first.body.id, second.body.id]);
  });
});

describe('what is known of a device', () => {
  it('is the word of people, then of management, then of the import, then of the hash', async () => {
    const { call, tenantId } = await aTenant();
    const id = await aDevice(tenantId);
    const facts = async () => (await call('GET', `/devices/${id}/facts`)).body;
    const { admin } = api.registry;
    const hashed = { hash_os_family: 'windows_10', hash_device_type: 'windowsPc', hash_tpm: '1.2' };
    await admin.query(
      `update registry.device set hash_os_family = $2, hash_device_type = $3, hash_tpm = $4 where id = $1`,
      [id, ...Object.values(hashed)],
    );
    expect(await facts()).toEqual({
      osFamily: 'windows_10',
      deviceType: 'windowsPc',
      tpmVersion: '1.2',
      sources: { osFamily: 'hash', deviceType: 'hash', tpmVersion: 'hash' },
      etag: '"0"',
    });
    await admin.query(`update registry.device set declared_os_family = 'windows_11_se' where id = $1`, [id]);
    expect(await facts()).toMatchObject({
      osFamily: 'windows_11_se',
      sources: { osFamily: 'import', deviceType: 'hash' },
    });
    await admin.query(
      `insert into registry.device_facts (tenant_id, device_id, managed_os_family, managed_device_type, version)
       values ($1, $2, 'windows_11', 'virtualMachine', 0)`,
      [tenantId, id],
    );
    expect(await facts()).toMatchObject({
      osFamily: 'windows_11',
      deviceType: 'virtualMachine',
      tpmVersion: '1.2',
      sources: { osFamily: 'management', deviceType: 'management', tpmVersion: 'hash' },
      etag: '"0"',
    });
    const said = await call('PATCH', `/devices/${id}/facts`, { osFamily: 'windows_10', tpmVersion: '2.0' }, '"0"');
    expect(said.body).toMatchObject({
      osFamily: 'windows_10',
      deviceType: 'virtualMachine',
      tpmVersion: '2.0',
      sources: { osFamily: 'admin', deviceType: 'management', tpmVersion: 'admin' },
    });
    // What somebody takes back uncovers what the others said.
    const back = await call('PATCH', `/devices/${id}/facts`, { osFamily: null, tpmVersion: null }, '"1"');
    expect(back.body).toMatchObject({ osFamily: 'windows_11', tpmVersion: '1.2', sources: { tpmVersion: 'hash' } });
  });

  it('is merged, taken back with null, and makes its profile be looked at again', async () => {
    const { call, tenantId, audited } = await aTenant();
    const id = await aDevice(tenantId);
    expect((await call('GET', `/devices/${id}/facts`)).body).toEqual({
      osFamily: null,
      deviceType: null,
      tpmVersion: null,
      sources: { osFamily: null, deviceType: null, tpmVersion: null },
      etag: '"0"',
    });
    await call('PATCH', `/devices/${id}/facts`, { osFamily: 'windows_11_se', tpmVersion: '2.0' }, '"0"');
    const changed = await call('PATCH', `/devices/${id}/facts`, { osFamily: null, deviceType: 'windowsPc' }, '"1"');
    expect(changed.body).toEqual({
      osFamily: null,
      deviceType: 'windowsPc',
      tpmVersion: '2.0',
      sources: { osFamily: null, deviceType: 'admin', tpmVersion: 'admin' },
      etag: '"2"',
    });
    expect((await call('PATCH', `/devices/${id}/facts`, {}, '"1"')).body.code).toBe('precondition.failed');
    expect((await call('PATCH', `/devices/${randomUUID()}/facts`, {}, '"0"')).body.code).toBe('device.not-found');
    expect(await audited()).toEqual(['device.facts-changed', 'device.facts-changed']);
    const { rows } = await api.registry.admin.query(
      'select kind, device_ids from registry.assignment_cause where tenant_id = $1',
      [tenantId],
    );
    expect(rows[0]).toEqual({ kind: 'device', device_ids: [id] });
  });
});

async function aDevice(tenantId: string): Promise<string> {
  const id = randomUUID();
  await api.registry.admin.query(
    `insert into registry.device (tenant_id, id, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
     values ($1, $2, 'tenant', $1, $2, 1, 'opaque')`,
    [tenantId, id],
  );
  return id;
}

function pick(from: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
