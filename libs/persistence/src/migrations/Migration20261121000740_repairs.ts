import { Migration } from '@mikro-orm/migrations';

/** Devices whose board is replaced: the case, the runs that it goes through, and which registration followed which. */
export class Migration20261121000740_repairs extends Migration {
  override up(): void {
    this.addSql(`
create table registry.repair_case (
  tenant_id uuid not null references registry.tenant,
  -- The run that waits for the workshop has the case's id.
  id uuid not null references registry.run,
  state text not null default 'opened' check (state ~ '^[a-z_]+$'),
  device_id uuid not null,
  serial_number text,
  donor_device_id uuid,
  why text not null,
  -- What the new registration takes over from the old one.
  group_tag text,
  purchase_order text,
  user_id text,
  user_name text,
  deregistration_run_id uuid not null references registry.run,
  registration_run_id uuid references registry.run,
  restore_run_id uuid references registry.run,
  new_device_id uuid,
  problem jsonb,
  reminders integer not null default 0,
  waiting_since timestamptz,
  opened_by text not null,
  opened_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  version integer not null default 1,
  primary key (tenant_id, id)
);
create unique index repair_case_open on registry.repair_case (tenant_id, device_id) where ended_at is null;
create index repair_case_deregistration on registry.repair_case (deregistration_run_id);
create index repair_case_registration on registry.repair_case (registration_run_id) where registration_run_id is not null;
create index repair_case_restore on registry.repair_case (restore_run_id) where restore_run_id is not null;

-- The same machine under its old and its new registration.
create table registry.device_succession (
  tenant_id uuid not null references registry.tenant,
  old_device_id uuid not null,
  new_device_id uuid not null,
  repair_id uuid not null,
  why text not null,
  linked_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, old_device_id),
  foreign key (tenant_id, repair_id) references registry.repair_case
);
create index device_succession_of_new on registry.device_succession (tenant_id, new_device_id);

alter table registry.repair_case enable row level security, force row level security;
alter table registry.device_succession enable row level security, force row level security;
create policy own on registry.repair_case to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy of_work on registry.repair_case to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every on registry.repair_case for select to groundcrew_operator using (true);
create policy own on registry.device_succession for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy of_work on registry.device_succession to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every on registry.device_succession for select to groundcrew_operator using (true);
grant select, insert on registry.repair_case to groundcrew_api;
grant update (state, registration_run_id, restore_run_id, problem, version) on registry.repair_case to groundcrew_api;
grant select, update on registry.repair_case to groundcrew_worker;
grant select on registry.repair_case, registry.device_succession to groundcrew_operator;
grant select on registry.device_succession to groundcrew_api;
grant select, insert on registry.device_succession to groundcrew_worker;

-- A repair that is cancelled hands its device over to the restore: the one reservation that ends by a person's word.
grant delete on registry.device_reservation to groundcrew_api;
drop policy own_device on registry.device_reservation;
create policy own_device on registry.device_reservation for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy new_reservation on registry.device_reservation for insert to groundcrew_api
  with check (tenant_id = (select registry.tenant_scope()));
create policy own_repair on registry.device_reservation for delete to groundcrew_api
  using (tenant_id = (select registry.tenant_scope()) and kind = 'repair');

-- Whoever closes a run that a repair goes through tells the repair, in the same transaction.
create function registry.tell_repair() returns trigger language plpgsql set search_path = pg_catalog, registry as $$
begin
  insert into registry.outbox (run_id, topic)
  select c.id, 'repair_moved' from registry.repair_case c
  where c.ended_at is null and (c.deregistration_run_id = new.id or c.registration_run_id = new.id or c.restore_run_id = new.id);
  if found then perform pg_notify('groundcrew_outbox', ''); end if;
  return null;
end $$;
create trigger run_of_repair_ended after update of state on registry.run for each row
  when (old.state is distinct from new.state and new.state in ('completed', 'failed', 'cancelled')
    and new.kind in ('deregistration', 'import', 'restore'))
  execute function registry.tell_repair();
`);
  }
}
