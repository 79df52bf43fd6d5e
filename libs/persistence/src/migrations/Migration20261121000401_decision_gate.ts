import { Migration } from '@mikro-orm/migrations';

/** A decision about a consent or a partner is not overtaken by the chunks that come after it. */
export class Migration20261121000401_decisionGate extends Migration {
  override up(): void {
    this.addSql(`
-- As before, through two gates. Rows that many share let a newcomer join them past somebody who waits to have the row alone: a
-- revocation would wait for as long as an order keeps chunks under way. Advisory locks are granted in the order in which they were
-- asked for. Who decides holds the tenant's gate (consents) or the partner's (its status) alone, and for that long.
create or replace function registry.lock_registration_authority(p_partner uuid, p_tenant uuid, p_accepted_under uuid default null)
  returns table (tenant_known boolean, partner_status text, consent_id uuid, consent_state text, scope jsonb, registered integer,
    accepted_state text, accepted_in_flight text)
  language plpgsql security definer set search_path = pg_catalog, registry as $$
#variable_conflict use_column
declare
  v_consent uuid;
  v_via uuid;
  v_via_status text;
begin
  if session_user = 'groundcrew_api' and p_partner is distinct from registry.partner_scope() then
    raise insufficient_privilege using message = 'a partner asks for itself only';
  end if;
  perform pg_advisory_xact_lock_shared(727405, hashtext(p_tenant::text));
  perform pg_advisory_xact_lock_shared(727406, hashtext(p_partner::text));
  select exists (select 1 from registry.tenant t where t.id = p_tenant and t.state = 'active') into tenant_known;
  select p.status into partner_status from registry.partner p where p.id = p_partner for share;
  select c.id, c.via_consent_id into v_consent, v_via from registry.consent c
    where c.partner_id = p_partner and c.tenant_id = p_tenant
    order by (c.state in ('requested', 'granted')) desc, c.created_at desc, c.id desc limit 1;
  if v_via is not null then
    select p.status into v_via_status from registry.partner p
      join registry.consent c on c.partner_id = p.id where c.id = v_via for share of p;
    if partner_status = 'active' and v_via_status <> 'active' then partner_status := v_via_status; end if;
  end if;
  if exists (select 1 from registry.consent c where c.id in (v_consent, p_accepted_under) and jsonb_exists(c.scope, 'quantity')) then
    perform 1 from registry.consent c where c.id in (v_consent, p_accepted_under) order by c.id for no key update;
  else
    perform 1 from registry.consent c where c.id in (v_consent, p_accepted_under) order by c.id for share;
  end if;
  select c.id, c.state, c.scope, c.registered into consent_id, consent_state, scope, registered
    from registry.consent c where c.id = v_consent;
  select c.state, c.in_flight into accepted_state, accepted_in_flight
    from registry.consent c where c.id = p_accepted_under and c.partner_id = p_partner;
  -- What finishes under a revoked consent is bound by that one's scope.
  if consent_state is distinct from 'granted' and accepted_state = 'revoked' then
    select c.id, c.scope, c.registered into consent_id, scope, registered from registry.consent c where c.id = p_accepted_under;
  end if;
  return next;
end $$;
`);
  }
}
