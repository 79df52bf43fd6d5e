import { Migration } from '@mikro-orm/migrations';

/**
 * The functions that every chunk of an order calls, in the shape in which they cost least where nothing is wrong: nobody's claim is
 * in the way, nothing resembles the devices, and all keys are new. What was true before is true now. Source: performance.md 2.3.
 */
export class Migration20261121000520_bulk_path extends Migration {
  override up(): void {
    this.addSql(`
-- As before; but where every claim was new nobody can have lost one, and there is nothing to look up. Where there is, the index is
-- the only way: a plan that was made while the table was nearly empty, and is kept, would read all of it.
create or replace function registry.claim_identities(p_digests uuid[], p_kinds smallint[], p_devices uuid[])
  returns table (device_id uuid, owned_elsewhere boolean, holder uuid)
  language plpgsql security definer set search_path = pg_catalog, registry set enable_seqscan = off as $$
declare
  v_tenant uuid := registry.tenant_scope();
  v_claimed integer;
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
  get diagnostics v_claimed = row_count;
  if v_claimed = cardinality(p_digests) then
    return;
  end if;
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

-- The keys of devices whose snapshots have just been written by the caller's tenant. p_of counts the devices from 1. Sorted, because
-- neighbours in the index are then written one after another.
create function registry.insert_candidate_keys(p_devices uuid[], p_of integer[], p_keys bigint[], p_kinds smallint[]) returns void
  language plpgsql security definer set search_path = pg_catalog, registry set enable_seqscan = off as $$
begin
  if cardinality(p_devices) <> (select count(*) from registry.device_snapshot s
      where s.device_id = any (p_devices) and s.tenant_id = registry.tenant_scope()) then
    raise insufficient_privilege using message = 'keys belong to devices of the caller';
  end if;
  insert into registry.candidate_key (key, kind, device_id)
    select w.key, w.kind, p_devices[w.place] from unnest(p_of, p_keys, p_kinds) as w (place, key, kind) order by w.key;
end $$;
revoke all on function registry.insert_candidate_keys(uuid[], integer[], bigint[], smallint[]) from public;
grant execute on function registry.insert_candidate_keys(uuid[], integer[], bigint[], smallint[]) to groundcrew_worker;

-- Whether any of the keys is there at all. Here a kept plan would even compare every row of the table with every key.
create function registry.is_any_key_known(p_keys bigint[]) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, registry set enable_seqscan = off as $$
begin
  return exists (select from registry.candidate_key k where k.key = any (p_keys));
end $$;
revoke all on function registry.is_any_key_known(bigint[]) from public;

-- As before; but of many keys it is first asked whether any is known.
create or replace function registry.find_candidates(p_reports integer[], p_keys bigint[], p_hot integer, p_most integer)
  returns table (report integer, device_id uuid, elsewhere boolean, kinds smallint[], anywhere integer[], in_one_tenant integer[],
    enrolled bytea, confirmed bytea)
  language plpgsql stable security definer set search_path = pg_catalog, registry as $$
#variable_conflict use_column
begin
  -- One report is read at once; what this saves is the careful reading of thousands of keys that nobody has.
  if cardinality(p_keys) > 64 and not registry.is_any_key_known(p_keys) then
    return;
  end if;
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
`);
  }
}
