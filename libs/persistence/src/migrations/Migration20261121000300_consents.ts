import { Migration } from '@mikro-orm/migrations';

/** Consents that a partner asks for: scope, link, history, reminders, and what a revocation does to work in flight. */
export class Migration20261121000300_consents extends Migration {
  override up(): void {
    this.addSql(`
-- The indirect provider of a reseller is authorised with it. Source: domain.md 2.1.
alter table registry.partner add column indirect_provider_id uuid references registry.partner
  check (indirect_provider_id is null or kind = 'indirect_reseller');

alter table registry.run drop constraint run_kind_check, add constraint run_kind_check check (kind in ('registration_order', 'consent'));
alter table registry.run add column consent_id uuid references registry.consent;
alter table registry.run_chunk add column consent_id uuid;
alter table registry.outbox drop constraint outbox_topic_check,
  add constraint outbox_topic_check check (topic in ('start_run', 'consent_decided'));

alter table registry.consent
  add column scope jsonb not null default '{}',
  add column registered integer not null default 0,
  add column in_flight text check (in_flight in ('stop_now', 'finish_accepted')),
  add column requested_by text,
  add column reminders integer not null default 0,
  -- SHA-256 of the link's secret: the secret itself is in the partner's hands alone.
  add column link_digest bytea unique,
  add column run_id uuid references registry.run,
  -- The reseller's consent that this one came with, and ends with.
  add column via_consent_id uuid references registry.consent;
create index consent_of_partner on registry.consent (partner_id, id);
create index consent_of_run on registry.consent (run_id) where run_id is not null;

create table registry.consent_event (
  consent_id uuid not null references registry.consent,
  seq integer not null,
  tenant_id uuid not null,
  partner_id uuid not null,
  kind text not null,
  actor text not null,
  data jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  primary key (consent_id, seq)
);
alter table registry.consent_event enable row level security, force row level security;
grant select on registry.consent_event to groundcrew_api, groundcrew_operator;
create policy own_event on registry.consent_event for select to groundcrew_api
  using (tenant_id = (select registry.tenant_scope()) or partner_id = (select registry.partner_scope()));
create policy every_event on registry.consent_event for select to groundcrew_operator using (true);
create policy definer on registry.consent_event to groundcrew_owner using (true) with check (true);

-- Whoever changes a consent, its history says so. Numbered under the consent row's lock.
create function registry.write_consent_event() returns trigger
  language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_kind text;
begin
  if tg_op = 'INSERT' or new.state is distinct from old.state then v_kind := new.state;
  elsif new.reminders > old.reminders then v_kind := 'reminded';
  else return null;
  end if;
  insert into registry.consent_event (consent_id, seq, tenant_id, partner_id, kind, actor, data)
    select new.id, coalesce(max(e.seq), 0) + 1, new.tenant_id, new.partner_id, v_kind, coalesce(registry.principal(), 'service:worker'),
           case v_kind when 'reminded' then jsonb_build_object('number', new.reminders)
                       when 'revoked' then jsonb_build_object('inFlight', new.in_flight) else '{}' end
    from registry.consent_event e where e.consent_id = new.id;
  return null;
end $$;
create trigger consent_has_history after insert or update on registry.consent
  for each row execute function registry.write_consent_event();

grant update (state, decided_by, decided_at, reminders, registered, version) on registry.consent to groundcrew_worker;
create policy consent_changed_by_work on registry.consent for update to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));

-- A tenant that leaves ends its consents, and the operator who takes it out does so.
grant update (state, decided_by, decided_at, in_flight, version) on registry.consent to groundcrew_operator;
create policy consent_of_leaving_tenant on registry.consent for update to groundcrew_operator using (true) with check (true);
grant insert on registry.outbox to groundcrew_operator;
create policy message_of_leaving_tenant on registry.outbox for insert to groundcrew_operator with check (topic = 'consent_decided');

-- A partner has no right to write consents: it asks, for itself, and this function writes that down.
create function registry.request_consent(p_id uuid, p_tenant uuid, p_scope jsonb, p_link_digest bytea) returns text
  language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_partner uuid := registry.partner_scope();
begin
  if v_partner is null then raise insufficient_privilege using message = 'a partner asks for itself only'; end if;
  perform 1 from registry.tenant t where t.id = p_tenant and t.state = 'active' for share;
  if not found then return 'no_tenant'; end if;
  insert into registry.consent (id, tenant_id, partner_id, state, scope, link_digest, requested_by)
    values (p_id, p_tenant, v_partner, 'requested', p_scope, p_link_digest, registry.principal()) on conflict do nothing;
  return case when found then 'requested' else 'open' end;
end $$;
revoke all on function registry.request_consent(uuid, uuid, jsonb, bytea) from public;
grant execute on function registry.request_consent(uuid, uuid, jsonb, bytea) to groundcrew_api;

-- The run that waits for the decision, written once in the transaction that asked.
create function registry.attach_consent_run(p_consent uuid, p_run uuid) returns void
  language sql security definer set search_path = pg_catalog, registry as $$
  update registry.consent c set run_id = p_run
    where c.id = p_consent and c.partner_id = registry.partner_scope() and c.run_id is null and c.state = 'requested'
$$;
revoke all on function registry.attach_consent_run(uuid, uuid) from public;
grant execute on function registry.attach_consent_run(uuid, uuid) to groundcrew_api;

drop function registry.lock_registration_authority(uuid, uuid);
-- As before, with the scope. A consent with a quantity is held alone, because it is counted; others are shared. What came with a
-- reseller's consent is worth as much as the reseller: its status is the worse of the two.
create function registry.lock_registration_authority(p_partner uuid, p_tenant uuid, p_accepted_under uuid default null)
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
revoke all on function registry.lock_registration_authority(uuid, uuid, uuid) from public;
grant execute on function registry.lock_registration_authority(uuid, uuid, uuid) to groundcrew_api, groundcrew_worker;
`);
  }
}
