import { parseRule, type ConversionTarget, type Rule } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { profilesConvertingDevices } from '../profiles/profiles.js';

/** Whom the profiles are given to that convert the devices they reach. Empty: this tenant converts none. */
export async function loadConversionTargets(pool: pg.Pool, tenantId: string): Promise<ConversionTarget[]> {
  return inTenant(pool, tenantId, async (client) => {
    const ask = askOf(client);
    const profiles = await profilesConvertingDevices({ query: (sql, values = []) => ask(sql, values) }, tenantId);
    if (profiles.length === 0) return [];
    const assigned = await ask<{ profile: string; target: string; intent: string; rule: string | null }>(
      `select a.profile_id as profile, a.target, a.intent, g.rule
       from registry.profile_assignment a
       left join registry.device_group g on g.tenant_id = a.tenant_id and g.id = a.group_id
       where a.tenant_id = $1 and a.profile_id = any ($2::uuid[])`,
      [tenantId, profiles],
    );
    return profiles.map((id) => {
      const own = assigned.filter(({ profile }) => profile === id);
      const rulesOf = (intent: string) => own.flatMap((each) => (each.intent === intent ? readRule(each.rule) : []));
      return {
        allDevices: own.some(({ target }) => target === 'all_devices'),
        include: rulesOf('include'),
        exclude: rulesOf('exclude'),
      };
    });
  });
}

/** A rule that was accepted can be read; a group without one has named members. */
function readRule(rule: string | null): Rule[] {
  if (rule === null) return [];
  const parsed = parseRule(rule);
  return parsed.ok ? [parsed.value] : [];
}
