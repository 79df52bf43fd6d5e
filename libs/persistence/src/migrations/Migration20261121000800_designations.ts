import { Migration } from '@mikro-orm/migrations';

/** For whom devices are meant and what they are to be called, and the domains of tenants, of which their users are. */
export class Migration20261121000800_designations extends Migration {
  override up(): void {
    this.addSql(`
-- Few devices have one, so it is no column of theirs: a device without costs nothing.
create table registry.device_designation (
  tenant_id uuid not null references registry.tenant,
  device_id uuid not null,
  assigned_user text check (length(assigned_user) between 3 and 113),
  display_name text check (length(display_name) between 1 and 15),
  primary key (tenant_id, device_id),
  check (assigned_user is not null or display_name is not null)
);

create table registry.tenant_domain (
  tenant_id uuid not null references registry.tenant,
  -- As it is compared: in small letters.
  name text not null check (name = lower(name) and length(name) between 3 and 253),
  added_by text not null,
  added_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, name)
);

alter table registry.device_designation enable row level security, force row level security;
alter table registry.tenant_domain enable row level security, force row level security;
create policy own on registry.device_designation to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy of_work on registry.device_designation to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every on registry.device_designation for select to groundcrew_operator using (true);
create policy own on registry.tenant_domain to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy of_work on registry.tenant_domain for select to groundcrew_worker using (tenant_id = (select registry.tenant_scope()));
create policy every on registry.tenant_domain for select to groundcrew_operator using (true);
grant select, insert, update, delete on registry.device_designation to groundcrew_api, groundcrew_worker;
grant select, insert, delete on registry.tenant_domain to groundcrew_api;
grant select on registry.tenant_domain to groundcrew_worker;
grant select on registry.device_designation, registry.tenant_domain to groundcrew_operator;
`);
  }
}
