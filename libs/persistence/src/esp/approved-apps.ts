import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** An application that Windows 11 SE accepts. */
export interface ApprovedApp {
  id: string;
  displayName: string;
  addedAt: string;
}

export async function listApprovedApps(
  unit: Unit,
  tenantId: string,
  page: Keyset<string>,
): Promise<Slice<ApprovedApp>> {
  const found = await unit.query<ApprovedApp>(
    `select id, display_name as "displayName", added_at as "addedAt" from registry.approved_app
     where tenant_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [tenantId, page.after, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/** Declares an application as approved. Declaring it again gives it another name. */
export async function approveApp(
  unit: Unit,
  tenantId: string,
  app: Omit<ApprovedApp, 'addedAt'>,
): Promise<ApprovedApp> {
  const [kept] = await unit.query<ApprovedApp>(
    `insert into registry.approved_app (tenant_id, id, display_name) values ($1, $2, $3)
     on conflict (tenant_id, id) do update set display_name = excluded.display_name
     returning id, display_name as "displayName", added_at as "addedAt"`,
    [tenantId, app.id, app.displayName],
  );
  return kept!;
}

/** Takes the approval back. @returns false where there was none */
export async function withdrawApp(unit: Unit, tenantId: string, id: string): Promise<boolean> {
  return (await unit.change('delete from registry.approved_app where tenant_id = $1 and id = $2', [tenantId, id])) > 0;
}

/** Which of these applications are approved. */
export async function approvedAmong(unit: Unit, tenantId: string, ids: readonly string[]): Promise<Set<string>> {
  const found = await unit.query<{ id: string }>(
    'select id from registry.approved_app where tenant_id = $1 and id = any ($2::uuid[])',
    [tenantId, ids],
  );
  return new Set(found.map(({ id }) => id));
}
