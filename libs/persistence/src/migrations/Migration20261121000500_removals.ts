import { Migration } from '@mikro-orm/migrations';

/** Registrations that go away again: what a set of devices claims and is found by is given up, and handed back to be archived. */
export class Migration20261121000500_removals extends Migration {
  override up(): void {
    this.addSql(`
-- Gives up the claims of devices of the caller's tenant, locked in the order in which others claim.
create function registry.take_back_identities(p_devices uuid[]) returns table (device_id uuid, digest uuid, kind smallint)
  language plpgsql security definer set search_path = pg_catalog, registry as $$
#variable_conflict use_column
begin
  perform 1 from registry.identity_claim c
    where c.device_id = any (p_devices) and c.tenant_id = registry.tenant_scope() order by c.digest for update;
  return query
    delete from registry.identity_claim c where c.device_id = any (p_devices) and c.tenant_id = registry.tenant_scope()
    returning c.device_id, c.digest, c.kind;
end $$;

-- Gives up the evidence of devices of the caller's tenant: called before their snapshots go.
create function registry.take_back_candidate_keys(p_devices uuid[]) returns table (device_id uuid, key bigint, kind smallint)
  language sql security definer set search_path = pg_catalog, registry as $$
  delete from registry.candidate_key c
    using registry.device_snapshot s
    where c.device_id = any (p_devices) and s.device_id = c.device_id and s.tenant_id = registry.tenant_scope()
    returning c.device_id, c.key, c.kind
$$;
revoke all on function registry.take_back_identities(uuid[]) from public;
revoke all on function registry.take_back_candidate_keys(uuid[]) from public;
grant execute on function registry.take_back_identities(uuid[]) to groundcrew_worker;
grant execute on function registry.take_back_candidate_keys(uuid[]) to groundcrew_worker;

-- What a device looked like goes with it.
grant delete on registry.snapshot_refresh to groundcrew_worker;
`);
  }
}
