import { isClosed, type Orphan, type OrphanClass } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { uuidV7 } from '../identifiers/uuid-v7.js';
import { lockRun, moveRun, type RunKey } from '../registration/run-store.js';

/** A registration whose object was observed once, as a scan compares it. */
export interface ComparedRegistration {
  registrationId: string;
  serialNumber: string | null;
  groupTag: string | null;
  purchaseOrder: string | null;
}

/** Takes a scan up. @returns which classes it may repair */
export async function openScan(pool: pg.Pool, key: RunKey): Promise<{ closed: boolean; repair: OrphanClass[] }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const run = await lockRun(client, key);
    const { rows } = await client.query<{ repair: OrphanClass[] | null }>(
      `select defaults -> 'repair' as repair from registry.run where id = $1`,
      [key.runId],
    );
    if (run.state === 'accepted') await moveRun(client, key, run, 'start', 'run.started', {});
    return { closed: isClosed(run.state), repair: rows[0]?.repair ?? [] };
  });
}

/** Registrations that are in no run's hands and whose object was observed once: what is being made is no orphan. */
export async function listComparedRegistrations(
  pool: pg.Pool,
  tenantId: string,
  page: { after: string | null; limit: number } | { only: readonly string[] },
): Promise<ComparedRegistration[]> {
  const only = 'only' in page;
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<ComparedRegistration>(
      `select d.id as "registrationId", d.serial_number as "serialNumber", d.group_tag as "groupTag", d.purchase_order as "purchaseOrder"
       from registry.device d
       join registry.device_directory_object o on o.tenant_id = d.tenant_id and o.device_id = d.id
       where d.tenant_id = $1 and ${only ? 'd.id = any ($2::uuid[])' : '($2::uuid is null or d.id > $2::uuid)'}
         and not exists (select from registry.device_reservation r where r.tenant_id = d.tenant_id and r.device_id = d.id)
       order by d.id ${only ? '' : 'limit $3'}`,
      only ? [tenantId, page.only] : [tenantId, page.after, page.limit],
    );
    return rows;
  });
}

/** What the registry knows about registrations that others believe in. */
export interface KnownRegistrations {
  registered: Set<string>;
  /** In a run's hands: nothing is said about them while it works. */
  busy: Set<string>;
  /** To stay enrolled and unregistered, by registration or by serial number. */
  optedOut: Set<string>;
}

export async function findRegistrations(
  pool: pg.Pool,
  tenantId: string,
  registrationIds: readonly string[],
  serialNumbers: readonly string[] = [],
): Promise<KnownRegistrations> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ what: keyof KnownRegistrations; id: string }>(
      `select 'registered' as what, id::text from registry.device where tenant_id = $1 and id = any ($2::uuid[])
       union all
       select 'busy', device_id::text from registry.device_reservation where tenant_id = $1 and device_id = any ($2::uuid[])
       union all
       select 'optedOut', device_id::text from registry.opted_out_device where tenant_id = $1 and device_id = any ($2::uuid[])
       union all
       select 'optedOut', serial_number from registry.opted_out_device where tenant_id = $1 and serial_number = any ($3::text[])`,
      [tenantId, registrationIds, serialNumbers],
    );
    const found: KnownRegistrations = { registered: new Set(), busy: new Set(), optedOut: new Set() };
    for (const { what, id } of rows) found[what].add(id);
    return found;
  });
}

/** Writes down what a part of a scan has found; what is known already is seen again. */
export async function saveFindings(pool: pg.Pool, key: RunKey, orphans: readonly Orphan[]): Promise<void> {
  if (orphans.length === 0) return;
  const now = Date.now();
  const sorted = orphans
    .slice()
    .sort((left, right) => `${left.class}${left.subject}`.localeCompare(`${right.class}${right.subject}`));
  await inTenant(pool, key.tenantId, (client) =>
    client.query(
      `insert into registry.orphan_finding
         (tenant_id, id, class, subject, registration_id, serial_number, evidence, seen_by_run)
       select $1, w.id, w.class, w.subject, w."registrationId", w."serialNumber", w.evidence, $2
       from jsonb_to_recordset($3) as w (id uuid, class text, subject uuid, "registrationId" uuid, "serialNumber" text, evidence jsonb)
       on conflict (tenant_id, class, subject) do update
         set last_seen_at = clock_timestamp(), seen_by_run = excluded.seen_by_run, evidence = excluded.evidence, resolved_at = null,
             registration_id = excluded.registration_id, serial_number = excluded.serial_number`,
      [key.tenantId, key.runId, JSON.stringify(sorted.map((orphan) => ({ id: uuidV7(now), ...orphan })))],
    ),
  );
}

/** Closes a scan: what was open before and was not seen again is resolved. @returns how many were found, by class */
export async function closeScan(pool: pg.Pool, key: RunKey): Promise<{ found: number }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const resolved = await client.query(
      `update registry.orphan_finding set resolved_at = clock_timestamp()
       where tenant_id = $1 and resolved_at is null and seen_by_run <> $2
         and exists (select from registry.run where id = $2 and state = 'running')`,
      [key.tenantId, key.runId],
    );
    const { rows } = await client.query<{ class: string; found: number }>(
      `select class, count(*)::integer as found from registry.orphan_finding
       where tenant_id = $1 and seen_by_run = $2 and resolved_at is null group by class order by class`,
      [key.tenantId, key.runId],
    );
    const found = rows.reduce((sum, row) => sum + row.found, 0);
    const run = await lockRun(client, key);
    if (!isClosed(run.state)) {
      const classes = Object.fromEntries(rows.map((row) => [row.class, row.found]));
      await client.query('update registry.run set outcome = $2 where id = $1', [
        key.runId,
        JSON.stringify({ found, resolved: resolved.rowCount ?? 0, ...classes }),
      ]);
      await moveRun(client, key, run, 'complete', 'run.completed', {
        found,
        resolved: resolved.rowCount ?? 0,
        classes,
      });
    }
    return { found };
  });
}
