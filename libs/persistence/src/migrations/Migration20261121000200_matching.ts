import { Migration } from '@mikro-orm/migrations';

/**
 * The candidate index and what is compared with it. Narrow btree, a cap on every key, prepared; global across tenants and reached
 * through its functions alone. Source: matching.md D.
 */
export class Migration20261121000200_matching extends Migration {
  override up(): void {
    this.addSql(`
create table registry.candidate_key (
  key bigint not null,
  device_id uuid not null,
  kind smallint not null,
  primary key (key, device_id, kind)
);
create index candidate_key_of_device on registry.candidate_key (device_id);

-- What a device looked like when it was enrolled, and when it was last confirmed (null: never since). Sealed: a snapshot holds
-- everything that a hash says.
create table registry.device_snapshot (
  device_id uuid primary key,
  tenant_id uuid not null,
  enrolled bytea not null,
  confirmed bytea
);
alter table registry.device_snapshot enable row level security, force row level security;
grant select, insert, update, delete on registry.device_snapshot to groundcrew_worker;
create policy device_of_work on registry.device_snapshot to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy definer on registry.device_snapshot for select to groundcrew_owner using (true);

-- Every change of a confirmed snapshot, so that it can be taken back. Source: matching.md C.4.
create table registry.snapshot_refresh (
  id uuid primary key,
  tenant_id uuid not null,
  device_id uuid not null,
  sealed_event bytea not null,
  at timestamptz not null default now(),
  reverted_at timestamptz
);
create index snapshot_refresh_of_device on registry.snapshot_refresh (device_id, at);
alter table registry.snapshot_refresh enable row level security, force row level security;
grant select, insert, update on registry.snapshot_refresh to groundcrew_worker;
create policy device_of_work on registry.snapshot_refresh to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));

-- Keys of devices whose snapshot belongs to the caller's tenant: called after the snapshots came.
create function registry.add_candidate_keys(p_keys bigint[], p_kinds smallint[], p_devices uuid[]) returns void
  language sql security definer set search_path = pg_catalog, registry as $$
  insert into registry.candidate_key (key, kind, device_id)
    select w.key, w.kind, w.device from unnest(p_keys, p_kinds, p_devices) as w (key, kind, device)
    join registry.device_snapshot s on s.device_id = w.device and s.tenant_id = registry.tenant_scope()
    on conflict do nothing
$$;

-- Keys of devices whose snapshot belongs to the caller's tenant: called before the snapshots go.
create function registry.remove_candidate_keys(p_devices uuid[]) returns void
  language sql security definer set search_path = pg_catalog, registry as $$
  delete from registry.candidate_key c
    using registry.device_snapshot s
    where c.device_id = any (p_devices) and s.device_id = c.device_id and s.tenant_id = registry.tenant_scope()
$$;

-- The keys of one device of the caller's tenant become these; what stays is not touched.
create function registry.replace_candidate_keys(p_device uuid, p_keys bigint[], p_kinds smallint[]) returns void
  language plpgsql security definer set search_path = pg_catalog, registry as $$
begin
  if not exists (select from registry.device_snapshot s where s.device_id = p_device and s.tenant_id = registry.tenant_scope()) then
    return;
  end if;
  delete from registry.candidate_key c
    where c.device_id = p_device and (c.key, c.kind) not in (select w.key, w.kind from unnest(p_keys, p_kinds) as w (key, kind));
  perform registry.add_candidate_keys(p_keys, p_kinds, array_fill(p_device, array[cardinality(p_keys)]));
end $$;

-- How many devices of the same tenant show a key, at most.
create function registry.most_holders_of_one_tenant(p_key bigint) returns integer
  language sql stable set search_path = pg_catalog, registry as $$
  select max(t.devices)::integer
  from (select count(*) as devices from registry.candidate_key k
        join registry.device_snapshot d on d.device_id = k.device_id
        where k.key = p_key group by d.tenant_id) as t
$$;

-- Which registered devices share a key with these reports? Several reports at once, told apart by their number. A key is read
-- up to one more than may share it: a hotter one says nothing and brings nobody, whatever it is shared by.
create function registry.find_candidates(p_reports integer[], p_keys bigint[], p_hot integer, p_most integer)
  returns table (report integer, device_id uuid, elsewhere boolean, kinds smallint[], anywhere integer[], in_one_tenant integer[],
    enrolled bytea, confirmed bytea)
  language plpgsql stable security definer set search_path = pg_catalog, registry as $$
#variable_conflict use_column
begin
  return query
    with hits as (
      select w.report, w.key, c.device_id, c.kind, c.holders
      from unnest(p_reports, p_keys) as w (report, key)
      cross join lateral (
        select k.device_id, k.kind, (count(*) over ())::integer as holders
        from (select k.device_id, k.kind from registry.candidate_key k where k.key = w.key limit p_hot + 1) as k) as c
      where c.holders <= p_hot),
    sharing as (
      select h.report, h.device_id, array_agg(h.kind) as kinds, array_agg(h.holders) as anywhere,
             -- Whose they are is only looked up where there are several.
             array_agg(case when h.holders = 1 then 1 else registry.most_holders_of_one_tenant(h.key) end) as in_one_tenant
      from hits h group by h.report, h.device_id),
    ranked as (
      select s.*, row_number() over (partition by s.report order by cardinality(s.kinds) desc, s.device_id) as place from sharing s)
    select r.report, r.device_id, d.tenant_id is distinct from registry.tenant_scope(), r.kinds, r.anywhere, r.in_one_tenant,
           d.enrolled, d.confirmed
    from ranked r join registry.device_snapshot d on d.device_id = r.device_id
    where r.place <= p_most;
end $$;

-- How many devices there are, roughly: the prior of a match.
create function registry.device_population() returns bigint
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select greatest(c.reltuples::bigint, 1000) from pg_class c where c.oid = 'registry.device'::regclass
$$;

revoke all on function registry.add_candidate_keys(bigint[], smallint[], uuid[]) from public;
revoke all on function registry.remove_candidate_keys(uuid[]) from public;
revoke all on function registry.replace_candidate_keys(uuid, bigint[], smallint[]) from public;
revoke all on function registry.most_holders_of_one_tenant(bigint) from public;
revoke all on function registry.find_candidates(integer[], bigint[], integer, integer) from public;
revoke all on function registry.device_population() from public;
grant execute on function registry.add_candidate_keys(bigint[], smallint[], uuid[]) to groundcrew_worker;
grant execute on function registry.remove_candidate_keys(uuid[]) to groundcrew_worker;
grant execute on function registry.replace_candidate_keys(uuid, bigint[], smallint[]) to groundcrew_worker;
grant execute on function registry.find_candidates(integer[], bigint[], integer, integer) to groundcrew_worker, groundcrew_api;
grant execute on function registry.device_population() to groundcrew_worker, groundcrew_api;
`);
  }
}
