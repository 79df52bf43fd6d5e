import { Migration } from '@mikro-orm/migrations';

/** What makers upload of a build: hashes ahead of any order and without a tenant, against which tuples and product keys are resolved. */
export class Migration20261121000502_makers_uploads extends Migration {
  override up(): void {
    this.addSql(`
-- A maker's upload is a run of no tenant: it stands in the maker's own space, under the maker's id. So a tenant and a partner never
-- have the same id, and every other run's tenant exists.
alter table registry.run drop constraint run_tenant_id_fkey;
alter table registry.run add column customer_id uuid generated always as
  (case when kind = 'hardware_report' then null else tenant_id end) stored references registry.tenant;
create function registry.keep_ids_apart() returns trigger
  language plpgsql security definer set search_path = pg_catalog, registry as $$
begin
  perform pg_advisory_xact_lock(727404, hashtext(new.id::text));
  if (tg_table_name = 'tenant' and exists (select 1 from registry.partner p where p.id = new.id))
    or (tg_table_name = 'partner' and exists (select 1 from registry.tenant t where t.id = new.id)) then
    raise unique_violation using message = 'a tenant and a partner cannot have the same id';
  end if;
  return new;
end $$;
create trigger tenant_is_no_partner before insert on registry.tenant for each row execute function registry.keep_ids_apart();
create trigger partner_is_no_tenant before insert on registry.partner for each row execute function registry.keep_ids_apart();

-- One row per device and maker. The strings are the maker's, exactly; the digests are keyed and say nothing about hardware.
create table registry.hardware_on_file (
  partner_id uuid not null references registry.partner,
  id uuid not null,
  manufacturer text,
  model text,
  serial_number text,
  product_key text,
  hash_level text not null,
  device_digest uuid not null,
  tuple_digest uuid,
  product_key_digest uuid,
  source_run_id uuid not null,
  source_line integer not null,
  uploaded_at timestamptz not null default now(),
  -- The device has been registered with another board since: what is on file is not that device any more.
  superseded_at timestamptz,
  primary key (partner_id, id),
  unique (partner_id, device_digest)
);
create index hardware_on_file_serial on registry.hardware_on_file (partner_id, serial_number, id);
create index hardware_on_file_tuple on registry.hardware_on_file (tuple_digest) where tuple_digest is not null;
create index hardware_on_file_product_key on registry.hardware_on_file (product_key_digest) where product_key_digest is not null;

-- In a table of its own, sealed, which the API has no right to.
create table registry.hardware_on_file_hash (
  partner_id uuid not null,
  hardware_id uuid not null,
  sealed bytea not null,
  original_length integer not null,
  primary key (partner_id, hardware_id)
);
alter table registry.hardware_on_file_hash alter column sealed set storage external;

alter table registry.hardware_on_file enable row level security, force row level security;
alter table registry.hardware_on_file_hash enable row level security, force row level security;
grant select (partner_id, id, manufacturer, model, serial_number, product_key, hash_level, source_run_id, source_line, uploaded_at,
  superseded_at) on registry.hardware_on_file to groundcrew_api;
grant select, insert, update on registry.hardware_on_file, registry.hardware_on_file_hash to groundcrew_worker;
create policy own_hardware on registry.hardware_on_file for select to groundcrew_api using (partner_id = (select registry.partner_scope()));
do $$
declare
  name text;
begin
  foreach name in array array['hardware_on_file', 'hardware_on_file_hash'] loop
    execute format('create policy hardware_of_work on registry.%I to groundcrew_worker
      using (partner_id = (select registry.tenant_scope())) with check (partner_id = (select registry.tenant_scope()))', name);
    execute format('create policy definer on registry.%I to groundcrew_owner using (true) with check (true)', name);
  end loop;
end $$;

-- What makers have on file under these digests, at most two devices of each: two say that it is not unique.
create function registry.find_on_file(p_digests uuid[])
  returns table (digest uuid, partner_id uuid, device_digest uuid, superseded boolean, sealed bytea, original_length integer)
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select w.digest, h.partner_id, h.device_digest, h.superseded_at is not null, s.sealed, s.original_length
  from unnest(p_digests) as w (digest)
  cross join lateral (
    -- Two makers that uploaded the same hardware have the same device on file.
    select distinct on (found.device_digest) found.* from (
      select f.* from registry.hardware_on_file f where f.tuple_digest = w.digest
      union all
      select f.* from registry.hardware_on_file f where f.product_key_digest = w.digest
      limit 8) as found
    order by found.device_digest, found.uploaded_at desc
    limit 2) as h
  join registry.hardware_on_file_hash s on s.partner_id = h.partner_id and s.hardware_id = h.id
$$;
-- Devices were registered by their hash: what is on file under the same strings, but is other hardware, was that device before a repair.
create function registry.supersede_on_file(p_tuples uuid[], p_devices uuid[]) returns integer
  language sql security definer set search_path = pg_catalog, registry as $$
  with superseded as (
    update registry.hardware_on_file f set superseded_at = now()
    from unnest(p_tuples, p_devices) as w (tuple, device)
    where f.tuple_digest = w.tuple and f.device_digest <> w.device and f.superseded_at is null
    returning 1)
  select count(*)::integer from superseded
$$;
revoke all on function registry.find_on_file(uuid[]) from public;
revoke all on function registry.supersede_on_file(uuid[], uuid[]) from public;
grant execute on function registry.find_on_file(uuid[]) to groundcrew_worker;
grant execute on function registry.supersede_on_file(uuid[], uuid[]) to groundcrew_worker;

-- As before; a partner has a chain of its own, under its own id.
create or replace function registry.append_audit(p_tenant uuid, p_actor text, p_action text, p_object text, p_data jsonb, p_request text)
  returns bigint language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_seq bigint;
  v_previous bytea;
  v_hash bytea;
begin
  -- A caller writes into the chain of its own tenant; a partner into its own, and that of a customer it has, or had, an authorization of.
  if session_user in ('groundcrew_api', 'groundcrew_worker') and p_tenant is distinct from registry.tenant_scope()
    and p_tenant is distinct from registry.partner_scope()
    and not exists (select 1 from registry.consent c where c.tenant_id = p_tenant and c.partner_id = registry.partner_scope()) then
    raise insufficient_privilege using message = 'not the chain of the caller';
  end if;
  insert into registry.audit_head (tenant_id, seq, hash) values (p_tenant, 0, '\\x') on conflict (tenant_id) do nothing;
  select h.seq + 1, h.hash into v_seq, v_previous from registry.audit_head h where h.tenant_id = p_tenant for update;
  v_hash := registry.audit_hash(v_previous, p_tenant, v_seq, p_actor, p_action, p_object, p_data, p_request, now());
  insert into registry.audit_event (tenant_id, seq, actor, action, object, data, request_id, at, previous, hash)
    values (p_tenant, v_seq, p_actor, p_action, p_object, p_data, p_request, now(), v_previous, v_hash);
  update registry.audit_head set seq = v_seq, hash = v_hash where tenant_id = p_tenant;
  return v_seq;
end $$;
`);
  }
}
