import { Migration } from '@mikro-orm/migrations';

/** Surface devices that a tenant asks to have registered: the case, its proof of ownership, and the run that an approval becomes. */
export class Migration20261121000513_surface_cases extends Migration {
  override up(): void {
    this.addSql(`
create table registry.surface_case (
  id uuid primary key,
  tenant_id uuid not null references registry.tenant,
  domain text not null check (length(domain) between 1 and 253),
  serial_numbers text[] not null,
  state text not null default 'requested' check (state in ('requested', 'approved', 'declined')),
  reason text,
  opened_by text not null,
  decided_by text,
  decided_at timestamptz,
  run_id uuid references registry.run,
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create index surface_case_of_tenant on registry.surface_case (tenant_id, id);
-- In a table of its own: a sealed document, read by whoever decides.
create table registry.surface_case_proof (
  case_id uuid primary key references registry.surface_case,
  tenant_id uuid not null,
  sealed bytea not null
);
alter table registry.surface_case_proof alter column sealed set storage external;
alter table registry.surface_case enable row level security, force row level security;
alter table registry.surface_case_proof enable row level security, force row level security;
grant select, insert on registry.surface_case to groundcrew_api;
grant insert on registry.surface_case_proof to groundcrew_api;
grant select on registry.surface_case, registry.surface_case_proof to groundcrew_operator;
grant update (state, reason, decided_by, decided_at, run_id, version) on registry.surface_case to groundcrew_operator;
create policy own_case on registry.surface_case to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy own_case on registry.surface_case_proof for insert to groundcrew_api
  with check (tenant_id = (select registry.tenant_scope()));
create policy every_case on registry.surface_case to groundcrew_operator using (true) with check (true);
create policy every_case on registry.surface_case_proof for select to groundcrew_operator using (true);

-- An approval is a run that the operator writes down; of runs it writes no others.
grant insert on registry.run, registry.run_chunk, registry.run_event to groundcrew_operator;
grant select, insert, update on registry.intake to groundcrew_operator;
grant select (intake_id, number, first_line, line_count), insert on registry.intake_part to groundcrew_operator;
create policy run_of_case on registry.run for insert to groundcrew_operator with check (kind = 'surface_case');
create policy part_of_case_run on registry.run_chunk for insert to groundcrew_operator
  with check (exists (select 1 from registry.run r where r.id = run_id and r.kind = 'surface_case'));
create policy part_of_case_run on registry.run_event for insert to groundcrew_operator
  with check (exists (select 1 from registry.run r where r.id = run_id and r.kind = 'surface_case'));
create policy message_of_case_run on registry.outbox for insert to groundcrew_operator
  with check (topic = 'start_run' and exists (select 1 from registry.run r where r.id = run_id and r.kind = 'surface_case'));
create policy intake_of_case on registry.intake to groundcrew_operator
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));
create policy intake_of_case on registry.intake_part to groundcrew_operator
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));

-- A serial number alone names no device on file: the model that stands there with it completes the maker's three words. A second
-- model under one serial number says that it is not unique.
create index hardware_on_file_surface on registry.hardware_on_file (serial_number) where manufacturer = 'Microsoft Corporation';
create function registry.surface_models(p_serials text[]) returns table (serial_number text, model text)
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select distinct f.serial_number, f.model from registry.hardware_on_file f
    where f.manufacturer = 'Microsoft Corporation' and f.serial_number = any (p_serials)
      and f.model is not null and f.superseded_at is null
$$;
revoke all on function registry.surface_models(text[]) from public;
grant execute on function registry.surface_models(text[]) to groundcrew_worker;
`);
  }
}
