import { Migration } from '@mikro-orm/migrations';

/** Groups of devices, which profiles are given to which of them, and the folded texts that membership rules ask about. */
export class Migration20261121000601_groups extends Migration {
  override up(): void {
    this.addSql(`
create table registry.device_group (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  display_name text not null check (length(display_name) between 1 and 200),
  description text check (length(description) <= 1500),
  -- A dynamic group has a rule, and its members follow from it; an assigned one has none, and its members are named.
  rule text,
  -- The grammar under which the rule was accepted.
  grammar_version integer,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((rule is null) = (grammar_version is null))
);

create table registry.device_group_member (
  tenant_id uuid not null,
  group_id uuid not null,
  device_id uuid not null,
  added_by text not null,
  added_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, group_id, device_id),
  foreign key (tenant_id, group_id) references registry.device_group on delete cascade
);
create index groups_of_device on registry.device_group_member (tenant_id, device_id);

-- To whom a profile is given: groups that it includes or excludes, or all devices.
create table registry.profile_assignment (
  tenant_id uuid not null,
  profile_id uuid not null,
  target text not null check (target in ('group', 'all_devices')),
  intent text not null check (intent in ('include', 'exclude')),
  group_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  unique nulls not distinct (tenant_id, profile_id, group_id),
  foreign key (tenant_id, profile_id) references registry.profile,
  foreign key (tenant_id, group_id) references registry.device_group,
  check ((target = 'group') = (group_id is not null)),
  check (target = 'group' or intent = 'include')
);
create index profiles_of_group on registry.profile_assignment (tenant_id, group_id) where group_id is not null;

-- What rules compare, folded once by the writer. Made when a device is first looked at and again when its row or what is known of it
-- has another version: the bulk path of registration does not pay for it.
create table registry.device_attributes (
  tenant_id uuid not null,
  device_id uuid not null,
  physical_ids text[] not null,
  display_name text,
  serial_number text,
  manufacturer text,
  model text,
  os_family text,
  device_type text,
  tpm text,
  fold_version integer not null,
  device_version integer not null,
  facts_version integer,
  primary key (tenant_id, device_id)
);

alter table registry.device_group enable row level security, force row level security;
alter table registry.device_group_member enable row level security, force row level security;
alter table registry.profile_assignment enable row level security, force row level security;
alter table registry.device_attributes enable row level security, force row level security;

grant select, insert, update, delete on registry.device_group, registry.profile_assignment to groundcrew_api;
grant select, insert, delete on registry.device_group_member to groundcrew_api;
grant select on registry.device_attributes to groundcrew_api;
grant select on registry.device_group, registry.profile_assignment to groundcrew_worker;
grant select, insert, delete on registry.device_group_member to groundcrew_worker;
grant select, insert, update, delete on registry.device_attributes to groundcrew_worker;

do $$
declare
  name text;
begin
  foreach name in array array['device_group', 'device_group_member', 'profile_assignment', 'device_attributes'] loop
    execute format('create policy own_group on registry.%I to groundcrew_api
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy group_of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
  end loop;
end $$;
`);
  }
}
