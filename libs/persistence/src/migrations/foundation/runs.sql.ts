/** Orders, runs and what people watch of them. Source: DESIGN.md "How a run works". */
export const runsSql = `
create table registry.device_order (
  id uuid primary key,
  tenant_id uuid not null references registry.tenant,
  partner_id uuid not null references registry.partner,
  purchase_order text,
  created_at timestamptz not null default now()
);
create index device_order_of_partner on registry.device_order (partner_id, id);
create index device_order_of_tenant on registry.device_order (tenant_id, id);

create table registry.run (
  id uuid primary key,
  kind text not null check (kind in ('registration_order')),
  tenant_id uuid not null references registry.tenant,
  partner_id uuid references registry.partner,
  order_id uuid references registry.device_order,
  state text not null default 'accepted'
    check (state in ('accepted', 'running', 'needs_attention', 'completed', 'failed', 'cancelled')),
  task_queue text not null check (task_queue in ('interactive', 'bulk')),
  chunk_count integer not null,
  received integer not null,
  counts jsonb not null default '{}',
  event_count integer not null default 0,
  source_format text not null check (source_format in ('json', 'jsonl', 'csv')),
  body_digest bytea not null,
  csv_header text,
  defaults jsonb not null default '{}',
  requested_by text not null,
  problem jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  version integer not null default 1
) with (fillfactor = 50);
create index run_of_tenant on registry.run (tenant_id, id);
create index run_of_partner on registry.run (partner_id, id) where partner_id is not null;
create index run_of_order on registry.run (order_id) where order_id is not null;

-- A chunk is the devices that one activity handles. Its state is the fence that makes a repeated activity harmless.
-- Its rows lie sealed in intake_part until it is settled.
create table registry.run_chunk (
  run_id uuid not null references registry.run,
  number integer not null,
  tenant_id uuid not null,
  first_line integer not null,
  line_count integer not null,
  state text not null default 'sealed' check (state in ('sealed', 'registered', 'settled')),
  lines integer[],
  device_ids uuid[],
  counts jsonb not null default '{}',
  verdict_digest bytea,
  primary key (run_id, number)
) with (fillfactor = 70);

create table registry.run_item (
  run_id uuid not null,
  line integer not null,
  tenant_id uuid not null,
  verdict text not null,
  device_id uuid,
  detail jsonb,
  primary key (run_id, line)
);
create index run_item_rejected on registry.run_item (run_id, verdict, line) where verdict <> 'registered';

create table registry.run_step (
  run_id uuid not null references registry.run,
  step text not null,
  chunk integer not null,
  device_id uuid,
  tenant_id uuid not null,
  state text not null check (state in ('requested', 'accepted', 'observed', 'refused')),
  devices integer not null,
  attempts integer not null default 0,
  requested_at timestamptz not null default now(),
  accepted_at timestamptz,
  observed_at timestamptz,
  waiting_for text,
  next_try_at timestamptz,
  detail jsonb,
  unique nulls not distinct (run_id, step, chunk, device_id)
) with (fillfactor = 70);

-- Numbered per run under the run row's lock. A tenant's stream orders by (transaction, position) and reads only below
-- pg_snapshot_xmin, so an event that commits late is never skipped.
create table registry.run_event (
  run_id uuid not null references registry.run,
  seq integer not null,
  tenant_id uuid not null,
  kind text not null,
  data jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  transaction xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity,
  primary key (run_id, seq)
);
create index run_event_of_tenant on registry.run_event (tenant_id, transaction, position);

alter table registry.device_order enable row level security, force row level security;
alter table registry.run enable row level security, force row level security;
alter table registry.run_chunk enable row level security, force row level security;
alter table registry.run_item enable row level security, force row level security;
alter table registry.run_step enable row level security, force row level security;
alter table registry.run_event enable row level security, force row level security;

grant select, insert on registry.device_order to groundcrew_api;
grant select on registry.device_order to groundcrew_worker, groundcrew_operator;
grant select, insert on registry.run to groundcrew_api;
grant select, update on registry.run to groundcrew_worker;
grant select on registry.run to groundcrew_relay, groundcrew_operator;
grant insert on registry.run_chunk to groundcrew_api;
grant select (run_id, number, tenant_id, first_line, line_count, state, counts) on registry.run_chunk to groundcrew_api, groundcrew_operator;
grant select, update on registry.run_chunk to groundcrew_worker;
grant select on registry.run_item to groundcrew_api, groundcrew_operator;
grant select, insert on registry.run_item to groundcrew_worker;
grant select on registry.run_step to groundcrew_api, groundcrew_operator;
grant select, insert, update on registry.run_step to groundcrew_worker;
grant select, insert on registry.run_event to groundcrew_api, groundcrew_worker;
grant select on registry.run_event to groundcrew_operator;

create policy own_order on registry.device_order to groundcrew_api
  using (tenant_id = (select registry.tenant_scope()) or partner_id = (select registry.partner_scope()))
  with check (tenant_id = (select registry.tenant_scope()) or partner_id = (select registry.partner_scope()));
create policy order_of_work on registry.device_order for select to groundcrew_worker using (tenant_id = (select registry.tenant_scope()));
create policy every_order on registry.device_order for select to groundcrew_operator using (true);

create policy own_run on registry.run to groundcrew_api
  using (tenant_id = (select registry.tenant_scope()) or partner_id = (select registry.partner_scope()))
  with check (tenant_id = (select registry.tenant_scope()) or partner_id = (select registry.partner_scope()));
create policy run_of_work on registry.run to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy run_to_start on registry.run for select to groundcrew_relay using (true);
create policy every_run on registry.run for select to groundcrew_operator using (true);

do $$
declare
  name text;
begin
  foreach name in array array['run_chunk', 'run_item', 'run_step', 'run_event'] loop
    execute format('create policy part_of_own_run on registry.%I to groundcrew_api
      using (tenant_id = (select registry.tenant_scope())
        or ((select registry.partner_scope()) is not null
          and exists (select 1 from registry.run r where r.id = run_id and r.partner_id = (select registry.partner_scope()))))
      with check (exists (select 1 from registry.run r where r.id = run_id))', name);
    execute format('create policy part_of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
    execute format('create policy part_of_every_run on registry.%I for select to groundcrew_operator using (true)', name);
  end loop;
end $$;
`;
