import { profileLimits, type ProfileDraft, type ProfileSettings } from '@groundcrew/domain';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { Unit } from '../scope/with-scope.js';

/** A deployment profile as it is kept. */
export interface Profile {
  id: string;
  tenantId: string;
  displayName: string;
  description: string | null;
  settings: ProfileSettings;
  version: number;
  targetsVersion: number;
  createdAt: string;
  updatedAt: string;
}

/** One version of it, and who made it. */
export interface ProfileVersion {
  version: number;
  displayName: string;
  description: string | null;
  settings: ProfileSettings;
  deleted: boolean;
  changedBy: string;
  changedAt: string;
}

const columns = `id, tenant_id as "tenantId", display_name as "displayName", description, settings, version,
  targets_version as "targetsVersion", created_at as "createdAt", updated_at as "updatedAt"`;

/** In the order in which they win: the oldest first. A place in the list is moment and id, because two may share a moment. */
export type ProfilePlace = readonly [createdAt: string, id: string];

export async function listProfiles(
  unit: Unit,
  tenantId: string,
  page: Keyset<ProfilePlace>,
): Promise<Slice<Profile & { place: ProfilePlace }>> {
  const found = await unit.query<Profile & { moment: string }>(
    `select ${columns}, to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as moment from registry.profile
     where tenant_id = $1 and ($2::timestamptz is null or (created_at, id) > ($2, $3::uuid))
     order by created_at, id limit $4`,
    [tenantId, page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit + 1],
  );
  return sliceOf(
    found.map(({ moment, ...profile }) => ({ ...profile, place: [moment, profile.id] as const })),
    page.limit,
  );
}

export async function findProfile(unit: Unit, tenantId: string, id: string): Promise<Profile | null> {
  const [found] = await unit.query<Profile>(
    `select ${columns} from registry.profile where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return found ?? null;
}

/** A profile held still, until the transaction ends. */
export async function lockProfile(unit: Unit, tenantId: string, id: string): Promise<Profile | null> {
  const [found] = await unit.query<Profile>(
    `select ${columns} from registry.profile where tenant_id = $1 and id = $2 for update`,
    [tenantId, id],
  );
  return found ?? null;
}

/** The versions of a profile, the first one first; those of a deleted one, too. */
export async function listProfileVersions(
  unit: Unit,
  tenantId: string,
  profileId: string,
  page: Keyset<number>,
): Promise<Slice<ProfileVersion>> {
  const found = await unit.query<ProfileVersion>(
    `select version, display_name as "displayName", description, settings, deleted, changed_by as "changedBy", changed_at as "changedAt"
     from registry.profile_version where tenant_id = $1 and profile_id = $2 and version > $3 order by version limit $4`,
    [tenantId, profileId, page.after ?? 0, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/**
 * Adds a profile. Two calls at once count one after the other.
 *
 * @returns `exists` where its id is taken, `too_many` where the tenant has as many as it may have
 */
export async function addProfile(
  unit: Unit,
  profile: ProfileDraft & { tenantId: string; id: string },
): Promise<Profile | 'exists' | 'too_many'> {
  const { tenantId, id, displayName, description, settings } = profile;
  await lockProfilesOf(unit, tenantId);
  const [count] = await unit.query<{ profiles: number }>(
    'select count(*)::int as profiles from registry.profile where tenant_id = $1',
    [tenantId],
  );
  if (count!.profiles >= profileLimits.profiles) return 'too_many';
  const [used] = await unit.query(
    'select from registry.profile_version where tenant_id = $1 and profile_id = $2 limit 1',
    [tenantId, id],
  );
  // The id of a deleted profile stays with its history.
  if (used !== undefined) return 'exists';
  await unit.change(
    `insert into registry.profile (tenant_id, id, display_name, description, settings) values ($1, $2, $3, $4, $5::jsonb)`,
    [tenantId, id, displayName, description, JSON.stringify(settings)],
  );
  return (await findProfile(unit, tenantId, id))!;
}

/** Writes a profile that the caller holds locked. */
export async function changeProfile(
  unit: Unit,
  profile: ProfileDraft & { tenantId: string; id: string },
): Promise<Profile> {
  const { tenantId, id, displayName, description, settings } = profile;
  await unit.change(
    `update registry.profile set display_name = $3, description = $4, settings = $5::jsonb, version = version + 1,
       updated_at = clock_timestamp() where tenant_id = $1 and id = $2`,
    [tenantId, id, displayName, description, JSON.stringify(settings)],
  );
  return (await findProfile(unit, tenantId, id))!;
}

/** Deletes a profile that the caller holds locked. Its versions stay. */
export async function deleteProfile(unit: Unit, tenantId: string, id: string): Promise<void> {
  await unit.change('delete from registry.profile where tenant_id = $1 and id = $2', [tenantId, id]);
}

/**
 * Holds what depends on all profiles of a tenant: how many there are, and whether any hides account options behind the branding.
 * Taken before any profile or branding is locked.
 */
export async function lockProfilesOf(unit: Unit, tenantId: string): Promise<void> {
  await unit.query(`select pg_advisory_xact_lock(hashtextextended('profiles ' || $1, 0))`, [tenantId]);
}

/** The ids of the profiles that convert the devices they reach: "Convert all targeted devices". Source: domain.md 1.6. */
export async function profilesConvertingDevices(unit: Pick<Unit, 'query'>, tenantId: string): Promise<string[]> {
  const found = await unit.query<{ id: string }>(
    `select id from registry.profile where tenant_id = $1 and (settings ->> 'hardwareHashExtractionEnabled')::boolean order by created_at, id`,
    [tenantId],
  );
  return found.map(({ id }) => id);
}
