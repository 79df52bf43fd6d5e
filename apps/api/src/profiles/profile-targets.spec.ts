import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profilesConvertingDevices } from '@groundcrew/persistence';
import { randomUUID } from 'node:crypto';
import { startApi, type TestApi } from '../../../../test/support/api.js';
import { aTenantWithProfiles, issuesOf } from '../../../../test/support/profiles.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
const aTenant = (kind?: string) => aTenantWithProfiles(api, kind);

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
