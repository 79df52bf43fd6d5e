import { Migration } from '@mikro-orm/migrations';

/**
 * Which run a device is in the middle of. Registration, deregistration, restore and repair exclude each other: one row per device.
 * Source: DESIGN.md "Who excludes whom".
 */
export class Migration20261121000700_reservations extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.run drop constraint if exists run_kind_check, add constraint run_kind_check check (kind ~ '^[a-z_]+$');

create table registry.device_reservation (
  tenant_id uuid not null,
  device_id uuid not null,
  run_id uuid not null references registry.run,
  kind text not null check (kind in ('registration', 'deregistration', 'restore', 'repair')),
  since timestamptz not null default now(),
  primary key (tenant_id, device_id)
);
create index device_reservation_of_run on registry.device_reservation (run_id, device_id);
alter table registry.device_reservation enable row level security, force row level security;
grant select, insert on registry.device_reservation to groundcrew_api;
grant select, insert, delete on registry.device_reservation to groundcrew_worker;
grant select on registry.device_reservation to groundcrew_operator;
create policy own_device on registry.device_reservation to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy device_of_work on registry.device_reservation to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every_device on registry.device_reservation for select to groundcrew_operator using (true);
`);
  }
}
