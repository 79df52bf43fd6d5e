import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assignChunk, closeAssignment, openAssignment, type RunKey } from '@groundcrew/persistence';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { aCustomer, startApi, type CallOptions, type TestApi } from '../../../../test/support/api.js';
import { aGroup, aProfile } from '../../../../test/support/assigning.js';

let api: TestApi;
let worker: pg.Pool;
let tenantId: string;
let owner: string;
let devices: string[];

beforeAll(async () => {
  api = await startApi();
  worker = new pg.Pool({ connectionString: api.database.urls.worker, max: 2 });
});
afterAll(async () => {
  await worker.end();
  await api.close();
});

const kiosk = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:Kiosk"))';
const call = (method: string, path: string, options: CallOptions = {}) =>
  api.call(method, `/v1/tenants/${tenantId}${path}`, { token: owner, ...options });
const question = (path: string, body: object) => call('POST', path, { body, key: null });

/** A tenant with so many devices, the first half tagged Kiosk. */
async function aTenantWith(count: number): Promise<void> {
  ({ tenantId, owner } = await aCustomer(api));
  devices = Array.from({ length: count }, () => randomUUID()).sort();
  await api.registry.admin.query(
    `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, group_tag, registrar_kind, registrar_id,
       source_run_id, source_line, hash_level)
     select $1, w.id, 'SN' || w.line, 'Fabrikam', 'Book', case when w.line <= $3 then 'Kiosk' end, 'tenant', $1, $1, w.line, 'full'
     from unnest($2::uuid[]) with ordinality as w (id, line)`,
    [tenantId, devices, count / 2],
  );
}

/** Does what the tenant's open run would do. */
async function settled(): Promise<void> {
  const { rows } = await api.registry.admin.query<{ run_id: string | null }>(
    'select run_id from registry.assignment_demand where tenant_id = $1',
    [tenantId],
  );
  const runId = rows[0]?.run_id;
  if (runId == null) return;
  const key: RunKey = { runId, tenantId };
  const { chunkCount } = await openAssignment(worker, key, 3);
  for (let chunk = 1; chunk <= chunkCount; chunk += 1) await assignChunk(worker, { ...key, chunk });
  await closeAssignment(worker, key);
}

const members = async (group: string) =>
  (await call('GET', `/groups/${group}/members`)).body.value.map(({ deviceId }: { deviceId: string }) => deviceId);

describe('a group', () => {
  it('with a rule has the members that the run finds, and the run stands in the answer', async () => {
    await aTenantWith(4);
    const { status, body } = await call('POST', '/groups', { body: { displayName: 'Kiosks', rule: kiosk } });
    expect({ status, body }).toMatchObject({ status: 201, body: { membership: 'dynamic', rule: kiosk } });
    expect((await api.call('GET', `/v1/operations/${body.operationId}`, { token: owner })).body).toMatchObject({
      kind: 'assignment',
      status: 'NotStarted',
    });
    await settled();
    expect(await members(body.id)).toEqual(devices.slice(0, 2));
    const change = { rule: '(device.deviceModel -eq "book") -and -not ' + kiosk };
    const headers = { 'if-match': body.etag };
    const changed = await call('PATCH', `/groups/${body.id}`, { headers, body: change });
    expect(changed.body).toMatchObject({ rule: change.rule, operationId: expect.any(String) });
    await settled();
    expect(await members(body.id)).toEqual(devices.slice(2));
    expect((await call('PATCH', `/groups/${body.id}`, { headers, body: { displayName: 'X' } })).status).toBe(412);
  });

  it('is told where its rule is not understood', async () => {
    await aTenantWith(2);
    const { status, body } = await call('POST', '/groups', {
      body: { displayName: 'Kiosks', rule: '(device.deviceModel -eq "book"' },
    });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'group.rule' });
    expect(body.errors).toEqual([expect.objectContaining({ pointer: '/rule', position: expect.any(Number) })]);
  });

  it('with named members takes exact ids of the tenant, and no others', async () => {
    await aTenantWith(4);
    const { body: group } = await call('POST', '/groups', { body: { displayName: 'Loaners' } });
    expect(group).toMatchObject({ membership: 'assigned', operationId: null });
    const named = [devices[0]!, devices[3]!];
    const added = await call('POST', `/groups/${group.id}/members`, { body: { deviceIds: named } });
    expect(added.body).toMatchObject({ changed: expect.arrayContaining(named), operationId: expect.any(String) });
    expect(await members(group.id)).toEqual(named);
    const stranger = await call('POST', `/groups/${group.id}/members`, { body: { deviceIds: [randomUUID()] } });
    expect({ status: stranger.status, code: stranger.body.code }).toEqual({ status: 404, code: 'device.not-found' });
    const again = await call('POST', `/groups/${group.id}/members`, { body: { deviceIds: named } });
    expect(again.body).toEqual({ changed: [], operationId: null });
    await call('POST', `/groups/${group.id}/memberRemovals`, { body: { deviceIds: [devices[0]!] } });
    expect(await members(group.id)).toEqual([devices[3]]);
    const ruled = await call('PATCH', `/groups/${group.id}`, {
      headers: { 'if-match': group.etag },
      body: { rule: kiosk },
    });
    expect(ruled.body.code).toBe('group.has-no-rule');
    const dynamic = await aGroup(api, tenantId, kiosk);
    const refused = await call('POST', `/groups/${dynamic}/members`, { body: { deviceIds: named } });
    expect(refused.body.code).toBe('group.members-follow-rule');
  });

  it('is not deleted while a profile is given to it', async () => {
    await aTenantWith(2);
    const { body: group } = await call('POST', '/groups', { body: { displayName: 'Kiosks', rule: kiosk } });
    const profile = await aProfile(api, tenantId, { included: [group.id] });
    const headers = { 'if-match': group.etag };
    const refused = await call('DELETE', `/groups/${group.id}`, { headers });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'group.in-use', errors: [{ pointer: `/profiles/${profile}` }] },
    });
    await api.registry.admin.query('delete from registry.profile_assignment where profile_id = $1', [profile]);
    expect((await call('DELETE', `/groups/${group.id}`, { headers })).status).toBe(204);
    expect((await call('GET', `/groups/${group.id}`)).body.code).toBe('group.not-found');
  });

  it('of somebody else does not exist', async () => {
    await aTenantWith(2);
    const group = await aGroup(api, tenantId, kiosk);
    await aTenantWith(2);
    expect((await call('GET', `/groups/${group}`)).body.code).toBe('group.not-found');
    expect((await call('GET', '/groups')).body.value).toEqual([]);
  });
});

describe('a rule that is tried', () => {
  it('explains itself clause by clause', async () => {
    await aTenantWith(2);
    const rule = `${kiosk} -and (device.deviceModel -startsWith "Pad")`;
    const { body } = await question('/ruleTrials', { rule, deviceId: devices[0]! });
    expect(body).toMatchObject({
      member: false,
      explanation: { holds: false, parts: [{ holds: true }, { holds: false, found: 'Book' }] },
    });
    expect((await question('/ruleTrials', { rule: 'no', deviceId: devices[0]! })).body.code).toBe('group.rule');
    expect((await question('/ruleTrials', { rule, deviceId: randomUUID() })).body.code).toBe('device.not-found');
  });
});

describe('a device', () => {
  it('is shown with its profile, and explains rule, membership and competitor', async () => {
    await aTenantWith(2);
    const { body: group } = await call('POST', '/groups', { body: { displayName: 'Kiosks', rule: kiosk } });
    const oldest = await aProfile(api, tenantId, { included: [group.id] });
    const younger = await aProfile(api, tenantId, { included: [group.id] });
    await settled();
    const profile = {
      state: 'assigned',
      profileId: oldest,
      profileVersion: 1,
      assignedAt: expect.any(String),
      detail: null,
    };
    expect((await call('GET', `/devices/${devices[0]}`)).body.profile).toEqual(profile);
    const { body } = await call('GET', `/devices/${devices[0]}/assignment`);
    expect(body).toMatchObject({
      current: profile,
      openOperationId: null,
      due: { source: 'group', profile: { id: oldest }, viaGroups: [group.id], misfit: null },
      memberships: [{ groupId: group.id, displayName: 'Kiosks', rule: { holds: true } }],
      competitors: [{ profile: { id: younger }, lostBy: 'newer', groups: [group.id] }],
      sentence:
        'The profile “A profile” reaches the device through “Kiosks”. It is older than “A profile”, and the oldest wins.',
    });
    const other = (await call('GET', `/devices/${devices[1]}/assignment`)).body;
    expect(other).toMatchObject({ current: { state: 'unassigned' }, due: { source: 'built_in' }, memberships: [] });
  });
});

describe('a preview', () => {
  it('says which devices a change of a rule would move, page by page, and changes nothing', async () => {
    await aTenantWith(10);
    const { body: group } = await call('POST', '/groups', { body: { displayName: 'Kiosks', rule: kiosk } });
    const profile = await aProfile(api, tenantId, { included: [group.id] });
    await settled();
    const before = await api.registry.admin.query(
      'select * from registry.device_assignment where tenant_id = $1 order by device_id',
      [tenantId],
    );
    const change = { kind: 'groupRule', groupId: group.id, rule: '(device.deviceModel -eq "Book")' };
    const seen: string[] = [];
    let page = await question('/assignmentPreviews?maxpagesize=2', change);
    expect(page.body).toMatchObject({
      devices: 10,
      notYetLookedAt: 0,
      changing: 5,
      moves: [{ fromProfileId: null, toProfileId: profile, state: 'assigning', detail: null, devices: 5 }],
    });
    for (;;) {
      seen.push(...page.body.value.map(({ deviceId }: { deviceId: string }) => deviceId));
      if (page.body.nextLink === undefined) break;
      const { pathname, search } = new URL(page.body.nextLink);
      page = await api.call('POST', pathname + search, { token: owner, body: change, key: null });
    }
    expect(seen).toEqual(devices.slice(5));
    const after = await api.registry.admin.query(
      'select * from registry.device_assignment where tenant_id = $1 order by device_id',
      [tenantId],
    );
    expect(after.rows).toEqual(before.rows);
    // What it said is what happens.
    await call('PATCH', `/groups/${group.id}`, { headers: { 'if-match': group.etag }, body: { rule: change.rule } });
    await settled();
    expect((await question('/assignmentPreviews', { kind: 'none' })).body).toMatchObject({ devices: 10, changing: 0 });
  });

  it('of members, of assignments and of settings', async () => {
    await aTenantWith(4);
    const named = await aGroup(api, tenantId, null, [devices[0]!, devices[1]!]);
    const profile = await aProfile(api, tenantId, { included: [named] });
    await call('POST', '/groups', { body: { displayName: 'Kiosks', rule: kiosk } });
    await settled();
    const shown = async (change: object) => {
      const { body } = await question('/assignmentPreviews', change);
      return body.value.map(({ deviceId, toProfileId }: { deviceId: string; toProfileId: string | null }) => [
        devices.indexOf(deviceId),
        toProfileId,
      ]);
    };
    expect(await shown({ kind: 'groupMembers', groupId: named, add: [devices[3]], remove: [devices[0]] })).toEqual([
      [0, null],
      [3, profile],
    ]);
    expect(
      await shown({ kind: 'profileAssignments', profileId: profile, includedGroups: [], allDevices: true }),
    ).toEqual([
      [2, profile],
      [3, profile],
    ]);
    const holoLens = {
      kind: 'profileSettings',
      profileId: profile,
      deviceType: 'holoLens',
      deploymentMode: 'self_deploying',
    };
    await api.registry.admin.query(
      `insert into registry.device_facts (tenant_id, device_id, device_type) values ($1, $2, 'windowsPc')`,
      [tenantId, devices[0]],
    );
    await call('POST', `/groups/${named}/memberRemovals`, { body: { deviceIds: [devices[1]!] } });
    await call('POST', `/groups/${named}/members`, { body: { deviceIds: [devices[1]!] } });
    await api.registry.admin.query(
      `update registry.assignment_cause set device_ids = null where tenant_id = $1 and run_id is null`,
      [tenantId],
    );
    await settled();
    const { body } = await question('/assignmentPreviews', holoLens);
    expect(body.moves).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: 'failed', detail: 'hololens_profile_not_supported', devices: 1 }),
      ]),
    );
    // Who was assigned before the device was known to be one is passed over, and the explanation says so.
    await api.registry.admin.query(
      `insert into registry.device_designation (tenant_id, device_id, assigned_user) values ($1, $2, 'ada@contoso.com')`,
      [tenantId, devices[0]],
    );
    const explained = async () => (await call('GET', `/devices/${devices[0]}/assignment`)).body.sentence as string;
    expect(await explained()).not.toContain('ada@contoso.com');
    await api.registry.admin.query(`update registry.device_facts set device_type = 'holoLens' where device_id = $1`, [
      devices[0],
    ]);
    expect(await explained()).toContain('It is a HoloLens, which takes no user: ada@contoso.com is passed over.');
    expect((await question('/assignmentPreviews', { kind: 'groupRule', groupId: named, rule: kiosk })).body.code).toBe(
      'group.has-no-rule',
    );
    expect(
      (await question('/assignmentPreviews', { kind: 'groupRule', groupId: randomUUID(), rule: kiosk })).body.code,
    ).toBe('group.not-found');
  });
});
