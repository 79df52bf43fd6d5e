/** Registered devices, their sealed hashes, what was observed of them in the directory, and who owns which identity. */
export const devicesSql = `
create table registry.device (
  tenant_id uuid not null references registry.tenant,
  id uuid not null,
  serial_number text,
  manufacturer text,
  model text,
  product_key text,
  group_tag text,
  purchase_order text,
  registrar_kind text not null check (registrar_kind in ('partner', 'tenant', 'automatic')),
  registrar_id uuid not null,
  source_run_id uuid not null,
  source_line integer not null,
  hash_level text not null check (hash_level in ('full', 'partial', 'opaque')),
  registered_at timestamptz not null default now(),
  version integer not null default 1,
  primary key (tenant_id, id)
);
create index device_serial on registry.device (tenant_id, serial_number);
create index device_group_tag on registry.device (tenant_id, group_tag, id) where group_tag is not null;
create index device_purchase_order on registry.device (tenant_id, purchase_order, id) where purchase_order is not null;

-- In a table of its own, so that lists, updates and vacuum never touch it. Zero padding is dropped before sealing.
create table registry.device_hash (
  tenant_id uuid not null,
  device_id uuid not null,
  sealed bytea not null,
  original_length integer not null,
  primary key (tenant_id, device_id)
);
alter table registry.device_hash alter column sealed set storage external;

create table registry.device_directory_object (
  tenant_id uuid not null,
  device_id uuid not null,
  object_id uuid not null,
  observed_at timestamptz not null default now(),
  primary key (tenant_id, device_id)
);

alter table registry.device enable row level security, force row level security;
alter table registry.device_hash enable row level security, force row level security;
alter table registry.device_directory_object enable row level security, force row level security;

grant select on registry.device, registry.device_directory_object to groundcrew_api, groundcrew_operator;
grant select, insert, update, delete on registry.device, registry.device_hash, registry.device_directory_object to groundcrew_worker;

create policy own_device on registry.device for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy own_device on registry.device_directory_object for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy every_device on registry.device for select to groundcrew_operator using (true);
create policy every_device on registry.device_directory_object for select to groundcrew_operator using (true);
do $$
declare
  name text;
begin
  foreach name in array array['device', 'device_hash', 'device_directory_object'] loop
    execute format('create policy device_of_work on registry.%I to groundcrew_worker
      using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()))', name);
  end loop;
end $$;

-- One physical identity has at most one active registration across all tenants. The digest is keyed (HMAC), so the table
-- says nothing about hardware; no role may read it, and the functions never say whose a claim is.
create table registry.identity_claim (
  digest uuid primary key,
  kind smallint not null,
  device_id uuid not null,
  tenant_id uuid not null
);
create index identity_claim_of_device on registry.identity_claim (device_id);

-- Claims identities for devices of the caller's tenant, in sorted order, so that two orders for the same hardware never wait
-- for each other in a circle. Returns the devices that lost, with the holder only where it is the caller's own.
create function registry.claim_identities(p_digests uuid[], p_kinds smallint[], p_devices uuid[])
  returns table (device_id uuid, owned_elsewhere boolean, holder uuid)
  language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_tenant uuid := registry.tenant_scope();
  v_lost uuid[];
begin
  if v_tenant is null then
    raise insufficient_privilege using message = 'a claim needs a tenant';
  end if;
  insert into registry.identity_claim (digest, kind, device_id, tenant_id)
    select w.digest, w.kind, w.device, v_tenant
    from unnest(p_digests, p_kinds, p_devices) as w (digest, kind, device)
    order by w.digest
    on conflict (digest) do nothing;
  select array_agg(distinct w.device) into v_lost
    from unnest(p_digests, p_devices) as w (digest, device)
    join registry.identity_claim c on c.digest = w.digest
    where c.device_id <> w.device;
  if v_lost is null then
    return;
  end if;
  return query
    select w.device, bool_or(c.tenant_id <> v_tenant), (array_agg(c.device_id) filter (where c.tenant_id = v_tenant))[1]
    from unnest(p_digests, p_devices) as w (digest, device)
    join registry.identity_claim c on c.digest = w.digest
    where c.device_id <> w.device
    group by w.device;
  delete from registry.identity_claim c where c.device_id = any (v_lost);
end $$;

-- Gives up the claims of devices of the caller's tenant.
create function registry.release_identities(p_devices uuid[]) returns integer
  language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_count integer;
begin
  delete from registry.identity_claim c where c.device_id = any (p_devices) and c.tenant_id = registry.tenant_scope();
  get diagnostics v_count = row_count;
  return v_count;
end $$;
revoke all on function registry.claim_identities(uuid[], smallint[], uuid[]) from public;
revoke all on function registry.release_identities(uuid[]) from public;
grant execute on function registry.claim_identities(uuid[], smallint[], uuid[]) to groundcrew_worker;
grant execute on function registry.release_identities(uuid[]) to groundcrew_worker;
`;
