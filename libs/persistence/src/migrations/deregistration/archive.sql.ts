/** Registrations that were taken away, kept for their restore, and devices that opted out. */
export const archiveSql = `
create table registry.removed_registration (
  tenant_id uuid not null,
  device_id uuid not null,
  run_id uuid not null,
  device jsonb not null,
  -- Sealed as it was; bound to the device's id, which a restore gives back.
  hash bytea,
  hash_length integer,
  snapshot_enrolled bytea,
  snapshot_confirmed bytea,
  claim_digests uuid[] not null,
  claim_kinds smallint[] not null,
  candidate_keys bigint[] not null,
  candidate_kinds smallint[] not null,
  facts jsonb not null,
  user_id text,
  user_name text,
  removed_at timestamptz not null default clock_timestamp(),
  keep_until timestamptz not null,
  restored_by_run uuid,
  primary key (tenant_id, device_id)
);
alter table registry.removed_registration alter column hash set storage external;
create index removed_registration_of_run on registry.removed_registration (run_id, device_id);
create index removed_registration_over on registry.removed_registration (keep_until);

-- What a restore is about, device by device. The verdicts are run items, as everywhere.
create table registry.restore_device (
  run_id uuid not null references registry.run,
  device_id uuid not null,
  tenant_id uuid not null,
  chunk integer not null,
  position integer not null,
  state text not null default 'asked' check (state in ('asked', 'registered', 'settled')),
  primary key (run_id, device_id)
);
create index restore_device_of_chunk on registry.restore_device (run_id, chunk, position);
alter table registry.restore_device enable row level security, force row level security;
create policy own on registry.restore_device to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy of_work on registry.restore_device to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every on registry.restore_device for select to groundcrew_operator using (true);
grant select, insert on registry.restore_device to groundcrew_api;
grant select, update on registry.restore_device to groundcrew_worker;
grant select on registry.restore_device to groundcrew_operator;

-- Automatic registration leaves these alone; a restore or a registration by hand takes the mark away.
create table registry.opted_out_device (
  tenant_id uuid not null,
  device_id uuid not null,
  serial_number text,
  manufacturer text,
  model text,
  run_id uuid not null,
  since timestamptz not null default clock_timestamp(),
  primary key (tenant_id, device_id)
);
create index opted_out_device_serial on registry.opted_out_device (tenant_id, serial_number);

alter table registry.removed_registration enable row level security, force row level security;
alter table registry.opted_out_device enable row level security, force row level security;
create policy of_work on registry.removed_registration to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy own on registry.removed_registration for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy every on registry.removed_registration for select to groundcrew_operator using (true);
create policy of_work on registry.opted_out_device to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy own on registry.opted_out_device to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy every on registry.opted_out_device for select to groundcrew_operator using (true);
grant select, insert, update, delete on registry.removed_registration, registry.opted_out_device to groundcrew_worker;
grant select (tenant_id, device_id, run_id, removed_at, keep_until, restored_by_run, user_name) on registry.removed_registration
  to groundcrew_api, groundcrew_operator;
grant select on registry.opted_out_device to groundcrew_api, groundcrew_operator;
`;
