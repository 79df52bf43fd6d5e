import type pg from 'pg';
import { inTransaction } from '../in-transaction.js';
import { toPage } from '../page.js';
import { noteWhatReappears } from '../misbehaviour/reappearing.js';
import { prepareOnce } from '../prepare-once.js';
import {
  acceptRequest,
  channelOf,
  closeRequest,
  lockDueRequests,
  observeRequest,
  requestTableSql,
  type ApplyOptions,
} from '../requests/accepted-requests.js';
import type { RequestResult } from '../requests/request-observation.js';
import type { PartnerViewEntry, PartnerViewPort } from './partner-view.port.js';

export const partnerViewChannel = channelOf('partner_view');

const schemaSql = `
create schema if not exists partner_view;
${requestTableSql('partner_view')}
create table if not exists partner_view.entry (
  tenant_id uuid not null,
  registration_id uuid not null,
  serial_number text,
  partner_id uuid not null,
  primary key (tenant_id, registration_id)
);
`;

/** Creates the tables where they are missing. Processes that start at once take turns. */
export async function preparePartnerView(pool: pg.Pool): Promise<void> {
  await prepareOnce(pool, schemaSql);
}

const columns = 'registration_id as "registrationId", serial_number as "serialNumber", partner_id as "partnerId"';

/** The built-in partner view as its callers see it: it accepts now; `applyPartnerViewRequests` works later, in another process. */
export function createBuiltInPartnerView(pool: pg.Pool): PartnerViewPort {
  const accept = async (act: Act, key: string, tenantId: string, targets: readonly unknown[]) => {
    await acceptRequest(pool, 'partner_view', { key, tenantId, act, family: 'view', targets: [...targets] });
  };
  return {
    show: (key, tenantId, entries) => accept('show', key, tenantId, entries),
    hide: (key, tenantId, registrationIds) => accept('hide', key, tenantId, registrationIds),
    observe: (key, tenantId) => observeRequest(pool, 'partner_view', key, tenantId),
    async read(tenantId, registrationIds) {
      const { rows } = await pool.query<PartnerViewEntry>({
        name: 'partner_view_read',
        text: `select ${columns} from partner_view.entry where tenant_id = $1 and registration_id = any ($2::uuid[])`,
        values: [tenantId, registrationIds],
      });
      return rows;
    },
    async list(tenantId, { after, limit }) {
      const { rows } = await pool.query<PartnerViewEntry>({
        name: 'partner_view_list',
        text: `select ${columns} from partner_view.entry
               where tenant_id = $1 and ($2::uuid is null or registration_id > $2) order by registration_id limit $3`,
        values: [tenantId, after ?? null, limit + 1],
      });
      return toPage(rows, limit, (entry) => entry.registrationId);
    },
  };
}

type Act = 'show' | 'hide';

/** Works through what was accepted, oldest first. @returns how many requests were applied; 0 when there was nothing to do */
export async function applyPartnerViewRequests(
  pool: pg.Pool,
  limit: number,
  options: ApplyOptions = {},
): Promise<number> {
  return inTransaction(pool, async (client) => {
    const due = await lockDueRequests(client, 'partner_view', limit, options);
    for (const { key, tenantId, act, targets } of due) {
      if (options.mayMisbehave === true && act === 'hide')
        await noteWhatReappears(client, 'partner_view', act, tenantId, 'partner_view.entry', hiddenEntries, [
          tenantId,
          targets,
        ]);
      const { rows } = await client.query<RequestResult>({
        name: `partner_view_apply_${act}`,
        text: acts[act as Act],
        values: [tenantId, JSON.stringify(targets)],
      });
      await closeRequest(client, 'partner_view', key, rows);
    }
    return due.length;
  });
}

const hiddenEntries = 'd.tenant_id = $1 and d.registration_id = any ($2::uuid[])';

const acts: Record<Act, string> = {
  show: `
    insert into partner_view.entry (tenant_id, registration_id, serial_number, partner_id)
    select distinct on (o."registrationId") $1::uuid, o."registrationId", o."serialNumber", o."partnerId"
    from jsonb_to_recordset($2::jsonb) as o ("registrationId" uuid, "serialNumber" text, "partnerId" uuid)
    on conflict (tenant_id, registration_id) do update
      set serial_number = excluded.serial_number, partner_id = excluded.partner_id
    returning registration_id as target, 'done' as outcome`,
  hide: `
    with asked as (select distinct id::uuid from jsonb_array_elements_text($2::jsonb) as id),
    gone as (delete from partner_view.entry e using asked
      where e.tenant_id = $1 and e.registration_id = asked.id returning e.registration_id as id)
    select a.id as target, case when gone.id is null then 'already_absent' else 'done' end as outcome
    from asked a left join gone using (id)`,
};
