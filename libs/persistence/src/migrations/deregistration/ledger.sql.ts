/** What was done to each device: step by step and attempt by attempt. */
export const ledgerSql = `
create table registry.deregistration (
  run_id uuid primary key references registry.run,
  tenant_id uuid not null,
  plan_id uuid not null references registry.deregistration_plan,
  path text not null,
  reason text not null,
  grace_until timestamptz,
  recovery_keys_reason text
);

-- Where a device stands within its run. What was captured before the first delete stays here.
create table registry.deregistration_device (
  run_id uuid not null references registry.run,
  device_id uuid not null,
  tenant_id uuid not null,
  chunk integer not null,
  position integer not null,
  state text not null default 'going',
  -- The step that is due; after the end the one it ended with.
  step text not null,
  steps text[] not null,
  attempt integer not null default 1,
  version integer not null,
  serial_number text,
  managed_device_id text,
  user_id text,
  user_name text,
  directory_object_id text,
  computer_object_id text,
  -- The line: the registration removal was sent.
  crossed_at timestamptz,
  kept_because text,
  skipped boolean not null default false,
  undoing boolean not null default false,
  -- Why it needs a person, and what is not as it should be, exactly.
  code text,
  difference text,
  waiting_for text,
  next_try_at timestamptz,
  ended_at timestamptz,
  primary key (run_id, device_id)
) with (fillfactor = 60);
create index deregistration_device_open on registry.deregistration_device (run_id, chunk)
  where ended_at is null;
create index deregistration_device_place on registry.deregistration_device (run_id, position);
create index deregistration_device_of_tenant on registry.deregistration_device (tenant_id, device_id);

create table registry.deregistration_step (
  run_id uuid not null,
  device_id uuid not null,
  step text not null,
  attempt integer not null,
  tenant_id uuid not null,
  state text not null check (state in ('requested', 'accepted', 'observed', 'refused', 'undone', 'skipped')),
  request_key text not null,
  requested_at timestamptz not null default clock_timestamp(),
  accepted_at timestamptz,
  observed_at timestamptz,
  -- By whose answer it stands as it does.
  answered_by text,
  next_try_at timestamptz,
  why text,
  primary key (run_id, device_id, step, attempt)
) with (fillfactor = 70);

-- The one sync of a tenant: who asked before it began is served by it.
create table registry.tenant_sync (
  tenant_id uuid primary key,
  -- The key of the sync that is under way.
  sync_id text,
  begun_at timestamptz,
  -- When the last one that has ended began.
  done_begun_at timestamptz,
  not_before timestamptz,
  waiting_for text
);

do $$
declare
  name text;
begin
  foreach name in array array['deregistration', 'deregistration_device', 'deregistration_step', 'tenant_sync'] loop
    execute format('alter table registry.%I enable row level security, force row level security', name);
    execute format('create policy own on registry.%I to groundcrew_api
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy every on registry.%I for select to groundcrew_operator using (true)', name);
    execute format('grant select on registry.%I to groundcrew_api, groundcrew_operator, groundcrew_worker', name);
  end loop;
end $$;
grant insert on registry.deregistration, registry.deregistration_device to groundcrew_api;
grant insert, update on registry.deregistration_step, registry.tenant_sync to groundcrew_worker;
grant update on registry.deregistration_device to groundcrew_worker, groundcrew_api;
grant insert, update on registry.deregistration_step to groundcrew_api;
`;
