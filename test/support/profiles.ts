import { randomUUID } from 'node:crypto';
import { callsOn, type CallResult, type TestApi } from './api.js';

/** A tenant of its own, its administrator's calls, and what a test of profiles makes there. */
export async function aTenantWithProfiles(api: TestApi, kind = 'organisation') {
  const tenantId = await api.registry.aTenant();
  await api.registry.admin.query('update registry.tenant set kind = $2 where id = $1', [tenantId, kind]);
  const token = await api.issuer.tokenOf('Device.Administrator', tenantId);
  const call = callsOn(api, tenantId, token);
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

/** What a refusal says, field by field. */
export const issuesOf = ({ status, body }: CallResult) => ({
  status,
  code: body.code,
  errors: body.errors?.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
});
