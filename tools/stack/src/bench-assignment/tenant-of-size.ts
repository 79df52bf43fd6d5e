import { randomUUID } from 'node:crypto';

import type pg from 'pg';

/** The tenant whose devices are moved, and the two profiles between which they go. */
export interface BenchTenant {
  tenantId: string;
  everybody: string;
  oldest: string;
  second: string;
}

const tags = 8;
const models = 5;

/** Fourteen groups, two of them with named members, and a profile for each: every device is held against all of them. */
export const groupsOfTenant = tags + models + 3;

/**
 * A tenant with so many registered devices, written past registration: what is measured begins after it.
 *
 * @param admin past all policies
 */
export async function fillTenant(admin: pg.Pool, devices: number): Promise<BenchTenant> {
  const tenantId = randomUUID();
  await admin.query(`insert into registry.tenant (id, kind, display_name) values ($1, 'organisation', 'Contoso')`, [
    tenantId,
  ]);
  await admin.query(
    `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, group_tag, purchase_order, registrar_kind,
       registrar_id, source_run_id, source_line, hash_level)
     select $1, gen_random_uuid(), 'SN' || n, 'Fabrikam', 'Book ' || n % ${models}, 'Tag ' || n % ${tags}, 'PO-' || n % 50, 'partner',
       $1, $1, n, 'full' from generate_series(1, $2::integer) as n`,
    [tenantId, devices],
  );
  const everybody = await aGroup(admin, tenantId, '(device.devicePhysicalIds -any (_ -startsWith "[ZTDId]"))');
  const [oldest, second] = [await aProfile(admin, tenantId, everybody), await aProfile(admin, tenantId, everybody)];
  for (let tag = 0; tag < tags; tag += 1) {
    const rule = `(device.devicePhysicalIds -any (_ -eq "[OrderID]:Tag ${tag}"))`;
    await aProfile(admin, tenantId, await aGroup(admin, tenantId, rule));
  }
  for (let model = 0; model < models; model += 1) {
    const rule = `(device.deviceModel -eq "Book ${model}") -and -not (device.serialNumber -startsWith "SN1")`;
    await aProfile(admin, tenantId, await aGroup(admin, tenantId, rule));
  }
  for (const [number, share] of [
    [1, 10],
    [2, 100],
  ]) {
    const named = await aGroup(admin, tenantId, null);
    await admin.query(
      `insert into registry.device_group_member (tenant_id, group_id, device_id, added_by)
       select tenant_id, $2, id, 'bench' from registry.device where tenant_id = $1 and source_line % $3 = $4`,
      [tenantId, named, share, number],
    );
    await aProfile(admin, tenantId, named);
  }
  await admin.query('vacuum (analyze)');
  return { tenantId, everybody, oldest, second };
}

async function aGroup(admin: pg.Pool, tenantId: string, rule: string | null): Promise<string> {
  const id = randomUUID();
  await admin.query(
    `insert into registry.device_group (tenant_id, id, display_name, rule, grammar_version) values ($1, $2::uuid, $2::text, $3, case when $3::text is not null then 1 end)`,
    [tenantId, id, rule],
  );
  return id;
}

async function aProfile(admin: pg.Pool, tenantId: string, groupId: string): Promise<string> {
  const id = randomUUID();
  const settings = { deviceType: 'windowsPc', deploymentMode: 'user_driven', joinType: 'entra' };
  await admin.query(
    'insert into registry.profile (tenant_id, id, display_name, settings) values ($1, $2::uuid, $2::text, $3)',
    [tenantId, id, settings],
  );
  await admin.query(
    `insert into registry.profile_assignment (tenant_id, profile_id, target, intent, group_id) values ($1, $2, 'group', 'include', $3)`,
    [tenantId, id, groupId],
  );
  return id;
}
