import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi, type TestApi } from '../../../../test/support/api.js';
import { aTenantWithProfiles, issuesOf } from '../../../../test/support/profiles.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
const aTenant = (kind?: string) => aTenantWithProfiles(api, kind);

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]).toString('base64');

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

function pick(from: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
