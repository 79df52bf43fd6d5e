/** What is planned, what holds it up, and the tenant's guards. */
export const plansSql = `
-- Settings that a tenant changed; what it left out is the default.
create table registry.deregistration_guards (
  tenant_id uuid primary key references registry.tenant,
  settings jsonb not null default '{}',
  version integer not null default 1,
  updated_by text not null,
  updated_at timestamptz not null default now()
);

-- A device that must not be taken out, and why.
create table registry.device_hold (
  tenant_id uuid not null,
  device_id uuid not null,
  kind text not null check (kind in ('hold', 'legal_hold')),
  reason text not null,
  placed_by text not null,
  placed_at timestamptz not null default now(),
  primary key (tenant_id, device_id)
);

-- Frozen: nothing of a plan is changed but who approved it and which run executed it.
create table registry.deregistration_plan (
  id uuid primary key,
  tenant_id uuid not null references registry.tenant,
  partner_id uuid references registry.partner,
  path text not null,
  reason text not null,
  note text,
  by_filter boolean not null,
  author text not null,
  devices integer not null,
  blocked integer not null,
  recovery_keys integer not null,
  assigned_users integer not null,
  steps jsonb not null,
  estimate_seconds integer not null,
  approved_by text,
  approved_at timestamptz,
  run_id uuid unique references registry.run,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index deregistration_plan_of_tenant on registry.deregistration_plan (tenant_id, id);
create table registry.deregistration_plan_device (
  plan_id uuid not null references registry.deregistration_plan on delete cascade,
  position integer not null,
  tenant_id uuid not null,
  device_id uuid not null,
  facts jsonb not null,
  steps text[] not null,
  blocks text[] not null,
  primary key (plan_id, position),
  unique (plan_id, device_id)
);

do $$
declare
  name text;
begin
  foreach name in array array['deregistration_guards', 'device_hold', 'deregistration_plan', 'deregistration_plan_device'] loop
    execute format('alter table registry.%I enable row level security, force row level security', name);
    execute format('create policy own on registry.%I to groundcrew_api
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy every on registry.%I for select to groundcrew_operator using (true)', name);
    execute format('grant select on registry.%I to groundcrew_operator, groundcrew_worker', name);
  end loop;
end $$;
grant select, insert, update on registry.deregistration_guards to groundcrew_api;
grant select, insert, delete on registry.device_hold to groundcrew_api;
grant delete on registry.device_hold to groundcrew_worker;
grant select, insert, update (approved_by, approved_at, run_id) on registry.deregistration_plan to groundcrew_api;
grant select, insert on registry.deregistration_plan_device to groundcrew_api;
grant delete on registry.deregistration_plan to groundcrew_worker;
`;
