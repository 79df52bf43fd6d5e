import { Migration } from '@mikro-orm/migrations';

/**
 * Which profile each device gets, the runs that move it, and the mark that makes one run of many changes.
 */
export class Migration20261121000605_assignment_runs extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.run drop constraint if exists run_kind_check, add constraint run_kind_check check (kind ~ '^[a-z_]+$');

-- What came of a run that has no rows and so no verdicts: devices by what became of them.
alter table registry.run add column outcome jsonb not null default '{}';

-- A change asks for an assignment run inside its own transaction: also where a worker makes it.
grant insert on registry.run, registry.outbox to groundcrew_worker;
create policy message_of_work on registry.outbox for insert to groundcrew_worker
  with check (exists (select 1 from registry.run r where r.id = run_id));

-- One row per tenant, and whoever holds it decides: is there a run that will see this change, or is one more needed?
create table registry.assignment_demand (
  tenant_id uuid primary key references registry.tenant,
  generation bigint not null,
  -- The run that is open; null where nothing is asked for that is not done.
  run_id uuid references registry.run
);

-- What was asked for, and by which run it is answered. Without devices and without a run they come from, every device is meant.
create table registry.assignment_cause (
  tenant_id uuid not null,
  generation bigint not null,
  kind text not null check (kind ~ '^[a-z_]+$'),
  subject uuid,
  device_ids uuid[],
  of_run uuid,
  requested_by text not null,
  at timestamptz not null default clock_timestamp(),
  run_id uuid references registry.run,
  primary key (tenant_id, generation)
);
create index assignment_cause_waiting on registry.assignment_cause (tenant_id) where run_id is null;
create index assignment_cause_of_run on registry.assignment_cause (run_id) where run_id is not null;

-- The devices that one activity handles. The state is the fence that makes a repeated activity harmless.
create table registry.assignment_chunk (
  run_id uuid not null references registry.run,
  number integer not null,
  tenant_id uuid not null,
  device_ids uuid[] not null,
  state text not null default 'planned' check (state in ('planned', 'written', 'observed', 'put_back', 'restored')),
  -- What was written: how many devices got which profile. Reading back has to find the same.
  written jsonb not null default '[]',
  outcome jsonb not null default '{}',
  primary key (run_id, number)
) with (fillfactor = 70);

-- What a device had before a run moved it.
create type registry.former_assignment as (
  state text, profile_id uuid, profile_version integer, source text, via_group_id uuid, detail text, assigned_at timestamptz, run_id uuid
);

-- No index but the key, and half of each page free: moving a hundred thousand devices then rewrites rows and no index.
create table registry.device_assignment (
  tenant_id uuid not null,
  device_id uuid not null,
  state text not null check (state in ('unassigned', 'assigning', 'assigned', 'failed')),
  profile_id uuid,
  profile_version integer,
  source text not null check (source in ('group', 'all_devices', 'built_in')),
  via_group_id uuid,
  detail text,
  assigned_at timestamptz,
  -- The run that decided this. Null where a cancelled run put back that there was nothing.
  run_id uuid,
  former registry.former_assignment,
  -- The groups the device was found to be in.
  group_ids uuid[] not null default '{}',
  -- Hardware that changed under the registration. Source: domain.md 3.4.
  remediation text check (remediation in ('fix_pending', 'attention_required')),
  -- What the device was given when it last booted for the first time.
  delivered_at timestamptz,
  delivered_run_id uuid,
  delivered_profile_id uuid,
  delivered_profile_version integer,
  -- The cancelled run whose assignment stays, because the device had booted with it.
  kept_run_id uuid,
  -- The cancelled run after which the device has again what it had.
  put_back_run_id uuid,
  primary key (tenant_id, device_id)
) with (fillfactor = 45);

alter table registry.assignment_demand enable row level security, force row level security;
alter table registry.assignment_cause enable row level security, force row level security;
alter table registry.assignment_chunk enable row level security, force row level security;
alter table registry.device_assignment enable row level security, force row level security;

grant select, insert, update on registry.assignment_demand to groundcrew_api, groundcrew_worker;
grant select, insert on registry.assignment_cause to groundcrew_api;
grant select, insert, update on registry.assignment_cause to groundcrew_worker;
grant select, insert, update on registry.assignment_chunk to groundcrew_worker;
grant select on registry.device_assignment to groundcrew_api;
grant update (delivered_at, delivered_run_id, delivered_profile_id, delivered_profile_version) on registry.device_assignment to groundcrew_api;
grant select, insert, update, delete on registry.device_assignment to groundcrew_worker;
grant select on registry.assignment_demand, registry.assignment_cause, registry.assignment_chunk, registry.device_assignment
  to groundcrew_operator;

do $$
declare
  name text;
begin
  foreach name in array array['assignment_demand', 'assignment_cause', 'device_assignment'] loop
    execute format('create policy own_assignment on registry.%I to groundcrew_api
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
  end loop;
  foreach name in array array['assignment_demand', 'assignment_cause', 'assignment_chunk', 'device_assignment'] loop
    execute format('create policy assignment_of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy every_assignment on registry.%I for select to groundcrew_operator using (true)', name);
  end loop;
end $$;
`);
  }
}
