import { Migration } from '@mikro-orm/migrations';

/** When a registered device was first seen after it was shipped: when it enrolled in management. */
export class Migration20261121000802_firstSeen extends Migration {
  override up(): void {
    this.addSql(`
create table registry.device_first_seen (
  tenant_id uuid not null references registry.tenant,
  device_id uuid not null,
  seen_at timestamptz not null,
  noted_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, device_id)
);
alter table registry.device_first_seen enable row level security, force row level security;
-- Whoever sees the device sees when it was first seen: a partner counts it in his order.
create policy seen_device on registry.device_first_seen for select to groundcrew_api
  using (exists (select from registry.device d where d.tenant_id = device_first_seen.tenant_id and d.id = device_first_seen.device_id));
create policy of_work on registry.device_first_seen to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every on registry.device_first_seen for select to groundcrew_operator using (true);
grant select on registry.device_first_seen to groundcrew_api, groundcrew_operator;
grant select, insert, delete on registry.device_first_seen to groundcrew_worker;
`);
  }
}
