import { Migration } from '@mikro-orm/migrations';

/**
 * What a chunk costs of which nothing is known yet: nearly all chunks of nearly all orders. What was true before is true now.
 * Source: decision 0048.
 */
export class Migration20261121000850_clean_chunks extends Migration {
  override up(): void {
    this.addSql(`
-- As before; but all claims are first inserted plainly. Looking for each one's conflict beforehand, and confirming each one
-- afterwards, is only paid where there is one.
create or replace function registry.claim_identities(p_digests uuid[], p_kinds smallint[], p_devices uuid[])
  returns table (device_id uuid, owned_elsewhere boolean, holder uuid)
  language plpgsql security definer set search_path = pg_catalog, registry set enable_seqscan = off as $$
declare
  v_tenant uuid := registry.tenant_scope();
  v_lost uuid[];
begin
  if v_tenant is null then
    raise insufficient_privilege using message = 'a claim needs a tenant';
  end if;
  begin
    insert into registry.identity_claim (digest, kind, device_id, tenant_id)
      select w.digest, w.kind, w.device, v_tenant
      from unnest(p_digests, p_kinds, p_devices) as w (digest, kind, device)
      order by w.digest;
    return;
  exception when unique_violation then
    -- Nothing of it is there any more, and nobody waits for it.
    null;
  end;
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
`);
  }
}
