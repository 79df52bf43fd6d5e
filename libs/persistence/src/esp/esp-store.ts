import { defaultEsp, espLimits, type EspSettings } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** An Enrollment Status Page as it is kept, with the groups that it is assigned to. */
export interface Esp {
  id: string;
  tenantId: string;
  displayName: string;
  description: string | null;
  /** Null for the default, whose id is the tenant's. */
  priority: number | null;
  settings: EspSettings;
  deviceGroups: string[];
  userGroups: string[];
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** What somebody decides about a page. */
export type EspDraft = Pick<Esp, 'displayName' | 'description' | 'settings' | 'deviceGroups' | 'userGroups'>;

const columns = `e.id, e.tenant_id as "tenantId", e.display_name as "displayName", e.description, e.priority, e.settings, e.version,
  e.created_at as "createdAt", e.updated_at as "updatedAt",
  array(select a.group_id from registry.esp_assignment a
        where a.tenant_id = e.tenant_id and a.esp_id = e.id and a.kind = 'device_group' order by 1) as "deviceGroups",
  array(select a.group_id from registry.esp_assignment a
        where a.tenant_id = e.tenant_id and a.esp_id = e.id and a.kind = 'user_group' order by 1) as "userGroups"`;

/** Every page of the tenant, in the order in which they are asked; the default one, which is always there, last. */
export async function listEsps(unit: Unit, tenantId: string): Promise<Esp[]> {
  const found = await unit.query<Esp>(
    `select ${columns} from registry.esp_profile e where e.tenant_id = $1 order by e.priority nulls last`,
    [tenantId],
  );
  if (found.at(-1)?.id === tenantId) return found;
  const [tenant] = await unit.query<{ createdAt: string }>(
    'select created_at as "createdAt" from registry.tenant where id = $1',
    [tenantId],
  );
  return tenant === undefined ? found : [...found, untouchedDefault(tenantId, tenant.createdAt)];
}

export async function findEsp(unit: Unit, tenantId: string, id: string): Promise<Esp | null> {
  return (await listEsps(unit, tenantId)).find((esp) => esp.id === id) ?? null;
}

/** Holds the pages of a tenant and their order still, until the transaction ends. */
export async function lockEsps(unit: Unit, tenantId: string): Promise<void> {
  await unit.query(`select pg_advisory_xact_lock(hashtextextended('esp ' || $1, 0))`, [tenantId]);
}

/**
 * Adds a page at the end of the order. The caller holds `lockEsps`.
 *
 * @returns `exists` where its id is taken, `too_many` where the tenant has as many as it may have
 */
export async function addEsp(
  unit: Unit,
  esp: EspDraft & { tenantId: string; id: string },
): Promise<'added' | 'exists' | 'too_many'> {
  const { tenantId, id, displayName, description, settings } = esp;
  const others = (await listEsps(unit, tenantId)).filter((each) => each.priority !== null);
  if (id === tenantId || others.some((each) => each.id === id)) return 'exists';
  if (others.length + 1 >= espLimits.profiles) return 'too_many';
  await unit.change(
    `insert into registry.esp_profile (tenant_id, id, display_name, description, priority, settings)
     values ($1, $2, $3, $4, $5, $6::jsonb)`,
    [tenantId, id, displayName, description, others.length + 1, JSON.stringify(settings)],
  );
  await replaceGroups(unit, tenantId, id, esp);
  return 'added';
}

/** Writes a page. The default one comes into the table with its first change. The caller holds `lockEsps`. */
export async function changeEsp(unit: Unit, esp: EspDraft & { tenantId: string; id: string }): Promise<void> {
  const { tenantId, id, displayName, description, settings } = esp;
  if (id === tenantId) {
    await unit.change(
      `insert into registry.esp_profile (tenant_id, id, display_name, settings, created_at)
       select t.id, t.id, $2, $3::jsonb, t.created_at from registry.tenant t where t.id = $1
       on conflict (tenant_id, id) do nothing`,
      [tenantId, defaultEsp.displayName, JSON.stringify(defaultEsp.settings)],
    );
  }
  await unit.change(
    `update registry.esp_profile set display_name = $3, description = $4, settings = $5::jsonb, version = version + 1,
       updated_at = clock_timestamp() where tenant_id = $1 and id = $2`,
    [tenantId, id, displayName, description, JSON.stringify(settings)],
  );
  if (id !== tenantId) await replaceGroups(unit, tenantId, id, esp);
}

/** Gives the pages the places at which they stand here, from 1. What moves becomes another version. The caller holds `lockEsps`. */
export async function placeEsps(unit: Unit, tenantId: string, order: readonly string[]): Promise<void> {
  await unit.change(
    `update registry.esp_profile e set priority = w.place, version = e.version + 1, updated_at = clock_timestamp()
     from unnest($2::uuid[]) with ordinality as w (id, place)
     where e.tenant_id = $1 and e.id = w.id and e.priority is distinct from w.place`,
    [tenantId, order],
  );
}

/** Deletes a page; those after it close up. The caller holds `lockEsps`. */
export async function deleteEsp(unit: Unit, tenantId: string, id: string): Promise<void> {
  await unit.change('delete from registry.esp_profile where tenant_id = $1 and id = $2', [tenantId, id]);
  const left = (await listEsps(unit, tenantId)).filter((esp) => esp.priority !== null);
  await placeEsps(
    unit,
    tenantId,
    left.map((esp) => esp.id),
  );
}

async function replaceGroups(
  unit: Unit,
  tenantId: string,
  id: string,
  { deviceGroups, userGroups }: EspDraft,
): Promise<void> {
  await unit.change('delete from registry.esp_assignment where tenant_id = $1 and esp_id = $2', [tenantId, id]);
  await unit.change(
    `insert into registry.esp_assignment (tenant_id, esp_id, kind, group_id)
     select $1::uuid, $2::uuid, 'device_group', g from unnest($3::uuid[]) as g
     union select $1, $2, 'user_group', g from unnest($4::uuid[]) as g`,
    [tenantId, id, deviceGroups, userGroups],
  );
}

function untouchedDefault(tenantId: string, createdAt: string): Esp {
  return {
    id: tenantId,
    tenantId,
    displayName: defaultEsp.displayName,
    description: null,
    priority: null,
    settings: defaultEsp.settings,
    deviceGroups: [],
    userGroups: [],
    version: 1,
    createdAt,
    updatedAt: createdAt,
  };
}
