import { Migration } from '@mikro-orm/migrations';

/** Registered devices are changed by people and by rows that are sent again; the directory is told their new tags. */
export class Migration20261121000801_deviceChanges extends Migration {
  override up(): void {
    this.addSql(`
-- Devices whose object in the directory does not carry their tags yet. The next assignment run sees to it.
create table registry.device_retag (
  tenant_id uuid not null references registry.tenant,
  device_id uuid not null,
  change bigint generated always as identity,
  asked_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, device_id)
);
alter table registry.device_retag enable row level security, force row level security;
create policy own on registry.device_retag to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy of_work on registry.device_retag to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every on registry.device_retag for select to groundcrew_operator using (true);
grant select, insert, update on registry.device_retag to groundcrew_api;
grant select, insert, update, delete on registry.device_retag to groundcrew_worker;
grant select on registry.device_retag to groundcrew_operator;

grant update (group_tag, version) on registry.device to groundcrew_api;
create policy change_own_device on registry.device for update to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
`);
  }
}
