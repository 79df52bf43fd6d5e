import { Migration } from '@mikro-orm/migrations';

/** Deployment profiles with their versions, branding, enrolment status pages, and what is known of a device's platform. */
export class Migration20261121000600_profiles extends Migration {
  override up(): void {
    this.addSql(`
create table registry.profile (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  display_name text not null check (length(display_name) between 1 and 200),
  description text check (length(description) <= 1500),
  settings jsonb not null,
  device_type text not null generated always as (settings ->> 'deviceType') stored,
  deployment_mode text not null generated always as (settings ->> 'deploymentMode') stored,
  join_type text not null generated always as (settings ->> 'joinType') stored,
  version integer not null default 1,
  -- Whom it is given to changes apart from what it says.
  targets_version integer not null default 1,
  -- The oldest created profile wins, so no two get the same moment from one statement.
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id)
);

-- Every version that a profile ever had, and who made it. It outlives the profile.
create table registry.profile_version (
  tenant_id uuid not null references registry.tenant,
  profile_id uuid not null,
  version integer not null,
  display_name text not null,
  description text,
  settings jsonb not null,
  deleted boolean not null default false,
  changed_by text not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, profile_id, version)
);

create table registry.tenant_branding (
  tenant_id uuid primary key references registry.tenant,
  display_name text not null check (length(display_name) between 1 and 200),
  logo_type text check (logo_type in ('image/png', 'image/jpeg')),
  logo bytea check (octet_length(logo) <= 51200),
  sign_in_text text check (length(sign_in_text) <= 1024),
  version integer not null default 1,
  updated_at timestamptz not null default clock_timestamp(),
  check ((logo is null) = (logo_type is null))
);

-- Of each tenant's pages the default one has the tenant's id and no place in the order: it is always last.
create table registry.esp_profile (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  display_name text not null check (length(display_name) between 1 and 200),
  description text check (length(description) <= 1500),
  priority integer check (priority between 1 and 50),
  settings jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((priority is null) = (id = tenant_id)),
  unique (tenant_id, priority) deferrable initially deferred
);

-- Which groups see which page: groups of devices, and of users. The default one is for everybody and needs none.
create table registry.esp_assignment (
  tenant_id uuid not null,
  esp_id uuid not null,
  kind text not null check (kind in ('device_group', 'user_group')),
  group_id uuid not null,
  primary key (tenant_id, esp_id, kind, group_id),
  foreign key (tenant_id, esp_id) references registry.esp_profile on delete cascade,
  check (esp_id <> tenant_id)
);
create index esp_of_group on registry.esp_assignment (tenant_id, group_id);

-- Applications that a tenant declares as approved for Windows 11 SE.
create table registry.approved_app (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  display_name text not null check (length(display_name) between 1 and 200),
  added_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id)
);

-- Groups of users, to which enrolment status pages can be assigned.
create table registry.user_group (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  display_name text not null check (length(display_name) between 1 and 200),
  member_ids uuid[] not null default '{}' check (cardinality(member_ids) <= 10000),
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id)
);
create index user_group_member on registry.user_group using gin (member_ids);

-- What is known of a device's platform beside its registration; what nobody said is null.
create table registry.device_facts (
  tenant_id uuid not null references registry.tenant,
  device_id uuid not null,
  os_family text check (os_family in ('windows_10', 'windows_11', 'windows_11_se', 'holographic_2004_or_later')),
  device_type text check (device_type in ('windowsPc', 'holoLens', 'surfaceHub2', 'surfaceHub2S', 'virtualMachine')),
  tpm text check (tpm in ('none', '1.2', '2.0')),
  version integer not null default 1,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, device_id)
);

do $$
declare
  name text;
begin
  foreach name in array array['profile', 'tenant_branding', 'esp_profile', 'esp_assignment', 'approved_app', 'user_group', 'device_facts', 'profile_version'] loop
    execute format('alter table registry.%I enable row level security, force row level security', name);
    execute format('create policy own_rows on registry.%I to groundcrew_api
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy rows_of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('grant select on registry.%I to groundcrew_worker', name);
  end loop;
end $$;
grant select, insert, update, delete on registry.profile, registry.tenant_branding, registry.esp_profile, registry.esp_assignment,
  registry.approved_app, registry.user_group to groundcrew_api;
grant select on registry.profile_version to groundcrew_api;
grant select, insert, update on registry.device_facts to groundcrew_api;
grant insert, update, delete on registry.device_facts to groundcrew_worker;
create policy definer on registry.profile_version to groundcrew_owner using (true) with check (true);

-- Whoever changes a profile, its history has the version. Nobody writes the history otherwise.
create function registry.keep_profile_version() returns trigger
  language plpgsql security definer set search_path = pg_catalog, registry as $$
begin
  if tg_op = 'DELETE' then
    insert into registry.profile_version (tenant_id, profile_id, version, display_name, description, settings, deleted, changed_by)
      values (old.tenant_id, old.id, old.version + 1, old.display_name, old.description, old.settings, true,
              coalesce(registry.principal(), 'service:worker'));
  else
    insert into registry.profile_version (tenant_id, profile_id, version, display_name, description, settings, changed_by)
      values (new.tenant_id, new.id, new.version, new.display_name, new.description, new.settings,
              coalesce(registry.principal(), 'service:worker'));
  end if;
  return null;
end $$;
create trigger profile_has_history after insert or delete on registry.profile
  for each row execute function registry.keep_profile_version();
create trigger profile_change_has_history after update on registry.profile
  for each row when (old.version is distinct from new.version) execute function registry.keep_profile_version();

-- What kind of tenant is this directory tenant, if it is onboarded and active? Asked before any scope is known.
create function registry.active_tenant_kind(p_tenant uuid) returns text
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select t.kind from registry.tenant t where t.id = p_tenant and t.state = 'active'
$$;
revoke all on function registry.active_tenant_kind(uuid) from public;
grant execute on function registry.active_tenant_kind(uuid) to groundcrew_api;
`);
  }
}
