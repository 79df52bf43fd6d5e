import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApi, type TestApi } from '../../../../test/support/api.js';
import { aTenantWithProfiles } from '../../../../test/support/profiles.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
const aTenant = () => aTenantWithProfiles(api);

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
