import { Migration } from '@mikro-orm/migrations';

/** What a partner may read after consent, its provider's consents, and answers that hold a secret. */
export class Migration20261121000400_partners extends Migration {
  override up(): void {
    this.addSql(`
-- An answer with a secret in it is not kept readable for the days in which the same call gets the same answer.
alter table registry.idempotency_key add column sealed_answer bytea;

-- A partner sees what any partner registered for a customer that authorised it, and never what the customer registered itself.
-- Who may ask is decided before; this holds should somebody forget to.
create policy registered_by_partners on registry.device for select to groundcrew_api
  using (registrar_kind = 'partner' and tenant_id in (
    select c.tenant_id from registry.consent c join registry.partner p on p.id = c.partner_id
    where c.partner_id = (select registry.partner_scope()) and c.state = 'granted' and p.status = 'active'));

-- The provider of an authorised reseller is authorised with it, unless it has a consent of its own: when the reseller is authorised
-- (one consent), and when the provider is linked (all of them). The reseller's row is held, so that of a grant and a link at once
-- the later one sees the other; its consents are held, so that none is revoked meanwhile. Source: domain.md 2.1.
create function registry.authorise_provider(p_reseller uuid, p_consent uuid default null)
  returns table (consent_id uuid, tenant_id uuid, partner_id uuid)
  language plpgsql security definer set search_path = pg_catalog, registry as $$
#variable_conflict use_column
declare
  v_provider uuid;
begin
  if session_user = 'groundcrew_api' and not exists (
    select 1 from registry.consent c where c.id = p_consent and c.tenant_id = registry.tenant_scope()) then
    raise insufficient_privilege using message = 'a tenant authorises for itself only';
  end if;
  select p.indirect_provider_id into v_provider from registry.partner p
    where p.id = p_reseller and p.kind = 'indirect_reseller' for share;
  if v_provider is null then return; end if;
  perform 1 from registry.consent c
    where c.partner_id = p_reseller and c.state = 'granted' and (p_consent is null or c.id = p_consent) order by c.id for share;
  return query
    insert into registry.consent (id, tenant_id, partner_id, state, decided_by, decided_at, scope, via_consent_id)
    select gen_random_uuid(), c.tenant_id, v_provider, 'granted', registry.principal(), now(), c.scope, c.id
    from registry.consent c
    where c.partner_id = p_reseller and c.state = 'granted' and (p_consent is null or c.id = p_consent)
    order by c.tenant_id
    on conflict (partner_id, tenant_id) where state in ('requested', 'granted') do nothing
    returning id, tenant_id, partner_id;
end $$;
revoke all on function registry.authorise_provider(uuid, uuid) from public;
grant execute on function registry.authorise_provider(uuid, uuid) to groundcrew_api, groundcrew_operator;
`);
  }
}
