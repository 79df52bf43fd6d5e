import { Migration } from '@mikro-orm/migrations';

/** What scans have found in one store without its counterpart in another, and which tenants a schedule goes through. */
export class Migration20261121000720_orphans extends Migration {
  override up(): void {
    this.addSql(`
create table registry.orphan_finding (
  tenant_id uuid not null,
  id uuid not null,
  class text not null check (class ~ '^[a-z_]+$'),
  -- The id of the thing that is left: registration, object or managed device.
  subject uuid not null,
  registration_id uuid,
  serial_number text,
  evidence jsonb not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  seen_by_run uuid not null references registry.run,
  -- A later scan did not find it any more.
  resolved_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, class, subject)
);
create index orphan_finding_open on registry.orphan_finding (tenant_id, id) where resolved_at is null;
alter table registry.orphan_finding enable row level security, force row level security;
grant select on registry.orphan_finding to groundcrew_api, groundcrew_operator;
grant select, insert, update on registry.orphan_finding to groundcrew_worker;
create policy own_finding on registry.orphan_finding for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy finding_of_work on registry.orphan_finding to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy every_finding on registry.orphan_finding for select to groundcrew_operator using (true);

-- One scan of a tenant at a time.
create unique index run_orphan_scan_open on registry.run (tenant_id) where kind = 'orphan_scan' and state in ('accepted', 'running');

-- Whose turn is it? Asked by schedules, before any scope is known. It answers ids only.
create function registry.active_tenants(p_after uuid, p_limit integer) returns setof uuid
  language sql stable security definer set search_path = pg_catalog, registry as $$
  select t.id from registry.tenant t where t.state = 'active' and (p_after is null or t.id > p_after) order by t.id limit p_limit
$$;
revoke all on function registry.active_tenants(uuid, integer) from public;
grant execute on function registry.active_tenants(uuid, integer) to groundcrew_worker;
`);
  }
}
