import type { DeregistrationGuards, GuardedInventory } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** What the guards compare with. */
export async function inventoryOf(unit: Unit, tenantId: string): Promise<GuardedInventory> {
  const [row] = await unit.query<{ registered: number; last_day: number }>(
    `select (select count(*)::integer from registry.device where tenant_id = $1) as registered,
       (select coalesce(sum(received), 0)::integer from registry.run
        where tenant_id = $1 and kind = 'deregistration' and created_at > now() - interval '1 day' and state <> 'cancelled') as last_day`,
    [tenantId],
  );
  return { registeredNow: row!.registered, lastDay: row!.last_day };
}

/** The tenant's guards as far as it set them, with the version that a change names. */
export async function guardSettingsOf(
  unit: Unit,
  tenantId: string,
): Promise<{ settings: Partial<DeregistrationGuards>; version: number }> {
  const [row] = await unit.query<{ settings: Partial<DeregistrationGuards>; version: number }>(
    'select settings, version from registry.deregistration_guards where tenant_id = $1',
    [tenantId],
  );
  return row ?? { settings: {}, version: 0 };
}

/** Sets guards, if nobody was faster. @returns false where the settings are not the version that the caller saw */
export async function setGuards(
  unit: Unit,
  change: { tenantId: string; settings: Partial<DeregistrationGuards>; version: number; principal: string },
): Promise<boolean> {
  const changed = await unit.change(
    `insert into registry.deregistration_guards (tenant_id, settings, updated_by) values ($1, $2::jsonb, $4)
     on conflict (tenant_id) do update set settings = excluded.settings, updated_by = excluded.updated_by, updated_at = now(),
       version = registry.deregistration_guards.version + 1
     where registry.deregistration_guards.version = $3`,
    [change.tenantId, JSON.stringify(change.settings), change.version, change.principal],
  );
  return changed === 1;
}
