import type pg from 'pg';
import { toPage } from '../page.js';
import type {
  DirectoryObject,
  DirectoryPort,
  DirectoryRefusal,
  ObjectSelector,
  ObjectUse,
  ObservedDeviceObject,
  TrustType,
} from './directory.port.js';

/** The channel on which the neighbours' process hears of new requests; it also looks by itself from time to time. */
export const directoryChannel = 'directory_request';

/** What the directory can be asked for. */
export type DirectoryAct = 'pre_create' | 'tag' | 'release';

/** The built-in directory as its callers see it: it accepts now; `applyDirectoryRequests` works later, in another process. */
export function createBuiltInDirectory(pool: pg.Pool): DirectoryPort {
  const accept = async (key: string, tenantId: string, act: DirectoryAct, objects: readonly object[]) => {
    await pool.query({
      name: 'directory_accept',
      text: `with taken as (
               insert into directory.request (key, tenant_id, act, objects) values ($1, $2, $3, $4)
               on conflict (key) do nothing returning key)
             select pg_notify('${directoryChannel}', key) from taken`,
      values: [key, tenantId, act, JSON.stringify(objects)],
    });
  };
  return {
    preCreate: (key, tenantId, objects) => accept(key, tenantId, 'pre_create', objects),
    tag: (key, tenantId, tags) => accept(key, tenantId, 'tag', tags),
    release: (key, tenantId, registrationIds) =>
      accept(
        key,
        tenantId,
        'release',
        registrationIds.map((registrationId) => ({ registrationId })),
      ),

    async observe(key, tenantId, registrationIds) {
      const request = await pool.query<{ applied: boolean; refusals: DirectoryRefusal[] }>({
        name: 'directory_request',
        text: 'select applied_at is not null as applied, refusals from directory.request where key = $1 and tenant_id = $2',
        values: [key, tenantId],
      });
      const found = request.rows[0];
      if (found === undefined || !found.applied) return { applied: false, objects: [], refusals: [] };
      const objects = (await readObjects(pool, tenantId, { registrationIds })) as ObservedDeviceObject[];
      return { applied: true, objects, refusals: found.refusals };
    },

    read: (tenantId, selector) => readObjects(pool, tenantId, selector),

    async list(tenantId, { after, limit }) {
      const { rows } = await pool.query<ObjectRow>({
        name: 'directory_list',
        text: `select ${objectColumns} from directory.device_object
               where tenant_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
        values: [tenantId, after ?? null, limit + 1],
      });
      return toPage(rows.map(toObject), limit, (object) => object.objectId);
    },
  };
}

// JSON is read by the platform, an array of texts letter by letter.
const objectColumns =
  'id, registration_id, display_name, to_jsonb(physical_ids) as physical_ids, trust_type, account_enabled, released_at, managed, on_premises_computer';

interface ObjectRow {
  id: string;
  registration_id: string | null;
  display_name: string;
  physical_ids: string[];
  trust_type: TrustType;
  account_enabled: boolean;
  released_at: Date | null;
  managed: boolean;
  on_premises_computer: boolean;
}

async function readObjects(pool: pg.Pool, tenantId: string, selector: ObjectSelector): Promise<DirectoryObject[]> {
  const { name, text, values } = toQuestion(selector);
  const { rows } = await pool.query<ObjectRow>({ name, text, values: [tenantId, values] });
  return rows.map(toObject);
}

function toQuestion(selector: ObjectSelector): { name: string; text: string; values: readonly string[] } {
  if ('registrationIds' in selector)
    return { name: 'directory_by_registration', text: byId('registration_id'), values: selector.registrationIds };
  if ('objectIds' in selector) return { name: 'directory_by_id', text: byId('id'), values: selector.objectIds };
  return {
    name: 'directory_joined_as',
    text: `select ${objectColumns} from directory.device_object
           where tenant_id = $1 and display_name = any ($2::text[]) and trust_type is not null`,
    values: selector.joinedAs,
  };
}

/**
 * First the objects, then whose they are: asked for both at once, a plan that was made while the tenant had next to nothing, and is
 * kept, goes through all that the tenant has by now.
 */
function byId(column: 'id' | 'registration_id'): string {
  return `with asked as materialized (select * from directory.device_object where ${column} = any ($2::uuid[]))
          select ${objectColumns} from asked where tenant_id = $1`;
}

function toObject(row: ObjectRow): DirectoryObject {
  const uses: Record<ObjectUse, boolean> = {
    registration: row.registration_id !== null && row.released_at === null,
    management: row.managed,
    join: row.trust_type !== null,
    on_premises_computer: row.on_premises_computer,
  };
  return {
    objectId: row.id,
    registrationId: row.registration_id,
    displayName: row.display_name,
    physicalIds: row.physical_ids,
    trustType: row.trust_type,
    accountEnabled: row.account_enabled,
    usedBy: (Object.keys(uses) as ObjectUse[]).filter((use) => uses[use]),
  };
}
