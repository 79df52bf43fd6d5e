import type { Branding, LogoType } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** A tenant's branding as it is kept. */
export interface TenantBranding extends Branding {
  version: number;
  updatedAt: string;
}

interface BrandingRow {
  displayName: string;
  logoType: LogoType | null;
  logo: string | null;
  signInText: string | null;
  version: number;
  updatedAt: string;
}

export async function findBranding(unit: Unit, tenantId: string): Promise<TenantBranding | null> {
  const [row] = await unit.query<BrandingRow>(
    `select display_name as "displayName", logo_type as "logoType", replace(encode(logo, 'base64'), E'\\n', '') as logo,
       sign_in_text as "signInText", version, updated_at as "updatedAt" from registry.tenant_branding where tenant_id = $1`,
    [tenantId],
  );
  if (row === undefined) return null;
  const { logoType, logo, ...rest } = row;
  return { ...rest, logo: logoType === null || logo === null ? null : { mediaType: logoType, data: logo } };
}

/** Writes the branding, new or changed. The caller has looked at its version under `lockProfilesOf`. */
export async function keepBranding(unit: Unit, tenantId: string, branding: Branding): Promise<TenantBranding> {
  await unit.change(
    `insert into registry.tenant_branding (tenant_id, display_name, logo_type, logo, sign_in_text)
     values ($1, $2, $3, decode($4, 'base64'), $5)
     on conflict (tenant_id) do update set display_name = excluded.display_name, logo_type = excluded.logo_type, logo = excluded.logo,
       sign_in_text = excluded.sign_in_text, version = tenant_branding.version + 1, updated_at = clock_timestamp()`,
    [
      tenantId,
      branding.displayName,
      branding.logo?.mediaType ?? null,
      branding.logo?.data ?? null,
      branding.signInText,
    ],
  );
  return (await findBranding(unit, tenantId))!;
}

export async function deleteBranding(unit: Unit, tenantId: string): Promise<void> {
  await unit.change('delete from registry.tenant_branding where tenant_id = $1', [tenantId]);
}

/** How many profiles hide account options, behind which the branding stands. */
export async function countHidingProfiles(unit: Unit, tenantId: string): Promise<number> {
  const [count] = await unit.query<{ profiles: number }>(
    `select count(*)::int as profiles from registry.profile where tenant_id = $1 and (settings ->> 'escapeLinkHidden')::boolean`,
    [tenantId],
  );
  return count!.profiles;
}
