/** Tenants, their users with licences, partners, and the consent between the two. Source: domain.md 2, 4. */
export const tenancySql = `
create table registry.tenant (
  id uuid primary key,
  kind text not null check (kind in ('organisation', 'school')),
  display_name text not null check (length(display_name) between 1 and 200),
  state text not null default 'active' check (state in ('active', 'offboarded')),
  version integer not null default 1,
  created_at timestamptz not null default now()
);

create table registry.partner (
  id uuid primary key,
  kind text not null check (kind in ('oem', 'direct_bill', 'indirect_provider', 'indirect_reseller', 'distributor')),
  display_name text not null check (length(display_name) between 1 and 200),
  directory_tenant_id uuid not null unique,
  status text not null default 'active' check (status in ('active', 'suspended', 'ended')),
  version integer not null default 1,
  created_at timestamptz not null default now()
);

create table registry.consent (
  id uuid primary key,
  tenant_id uuid not null references registry.tenant,
  partner_id uuid not null references registry.partner,
  state text not null check (state in ('requested', 'granted', 'declined', 'expired', 'revoked')),
  decided_by text,
  decided_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create unique index consent_open on registry.consent (partner_id, tenant_id) where state in ('requested', 'granted');
create index consent_of_tenant on registry.consent (tenant_id, id);

create table registry.tenant_user (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  principal_name text not null,
  display_name text not null,
  licences text[] not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, principal_name)
);

alter table registry.tenant enable row level security, force row level security;
alter table registry.partner enable row level security, force row level security;
alter table registry.consent enable row level security, force row level security;
alter table registry.tenant_user enable row level security, force row level security;

grant select on registry.tenant, registry.partner to groundcrew_api, groundcrew_worker;
grant select, insert, update on registry.tenant, registry.partner to groundcrew_operator;
grant select, insert, update on registry.consent to groundcrew_api;
grant select on registry.consent to groundcrew_worker, groundcrew_operator;
grant select, insert, update, delete on registry.tenant_user to groundcrew_api;
grant select on registry.tenant_user to groundcrew_worker, groundcrew_operator;

create policy own_tenant on registry.tenant for select to groundcrew_api
  using (id = (select registry.tenant_scope())
    or id in (select c.tenant_id from registry.consent c where c.partner_id = (select registry.partner_scope())));
create policy tenant_of_work on registry.tenant for select to groundcrew_worker using (id = (select registry.tenant_scope()));
create policy every_tenant on registry.tenant to groundcrew_operator using (true) with check (true);
create policy definer on registry.tenant to groundcrew_owner using (true) with check (true);

create policy own_partner on registry.partner for select to groundcrew_api
  using (id = (select registry.partner_scope())
    or id in (select c.partner_id from registry.consent c where c.tenant_id = (select registry.tenant_scope())));
create policy known_partner on registry.partner for select to groundcrew_worker using (true);
create policy every_partner on registry.partner to groundcrew_operator using (true) with check (true);
create policy definer on registry.partner to groundcrew_owner using (true) with check (true);

create policy own_consent on registry.consent to groundcrew_api
  using (tenant_id = (select registry.tenant_scope()) or partner_id = (select registry.partner_scope()))
  with check (tenant_id = (select registry.tenant_scope()));
create policy consent_of_work on registry.consent for select to groundcrew_worker using (tenant_id = (select registry.tenant_scope()));
create policy every_consent on registry.consent for select to groundcrew_operator using (true);
create policy definer on registry.consent to groundcrew_owner using (true) with check (true);

create policy own_user on registry.tenant_user to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy user_of_work on registry.tenant_user for select to groundcrew_worker using (tenant_id = (select registry.tenant_scope()));
create policy every_user on registry.tenant_user for select to groundcrew_operator using (true);

-- A partner has to hear "unknown tenant" and "no consent" apart, and a chunk has to hold both rows still while it
-- writes; neither may read the tables of others. So one function answers, for the caller's own partner only.
create function registry.lock_registration_authority(p_partner uuid, p_tenant uuid)
  returns table (tenant_known boolean, partner_status text, consent_id uuid, consent_state text)
  language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_consent uuid;
begin
  if session_user = 'groundcrew_api' and p_partner is distinct from registry.partner_scope() then
    raise insufficient_privilege using message = 'a partner asks for itself only';
  end if;
  select exists (select 1 from registry.tenant t where t.id = p_tenant and t.state = 'active') into tenant_known;
  select p.status into partner_status from registry.partner p where p.id = p_partner for share;
  select c.id into v_consent from registry.consent c
    where c.partner_id = p_partner and c.tenant_id = p_tenant
    order by (c.state in ('requested', 'granted')) desc, c.created_at desc, c.id desc limit 1;
  select c.id, c.state into consent_id, consent_state from registry.consent c where c.id = v_consent for share;
  return next;
end $$;
revoke all on function registry.lock_registration_authority(uuid, uuid) from public;
grant execute on function registry.lock_registration_authority(uuid, uuid) to groundcrew_api, groundcrew_worker;

-- Which partner does a token of this directory tenant speak for? Asked before any scope is known.
create function registry.partner_of_directory_tenant(p_directory_tenant uuid)
  returns table (partner_id uuid, status text)
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select p.id, p.status from registry.partner p where p.directory_tenant_id = p_directory_tenant
$$;
revoke all on function registry.partner_of_directory_tenant(uuid) from public;
grant execute on function registry.partner_of_directory_tenant(uuid) to groundcrew_api;

-- Is this directory tenant onboarded and active? Asked before any scope is known.
create function registry.tenant_is_active(p_tenant uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select exists (select 1 from registry.tenant t where t.id = p_tenant and t.state = 'active')
$$;
revoke all on function registry.tenant_is_active(uuid) from public;
grant execute on function registry.tenant_is_active(uuid) to groundcrew_api;
`;
