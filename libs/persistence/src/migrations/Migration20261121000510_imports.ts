import { Migration } from '@mikro-orm/migrations';

/** What a tenant imports itself, what was changed to read its lines, and runs that only decide. */
export class Migration20261121000510_imports extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.run drop constraint if exists run_kind_check, add constraint run_kind_check check (kind ~ '^[a-z_]+$');
-- A run that gives its rows their verdicts and writes nothing else.
alter table registry.run add column validate_only boolean not null default false;

-- What was changed to read a line; only lines in which something was. What concerns the whole file stands at its header.
create table registry.run_correction (
  run_id uuid not null references registry.run,
  line integer not null,
  tenant_id uuid not null,
  corrections jsonb not null,
  primary key (run_id, line)
);
alter table registry.run_correction enable row level security, force row level security;
grant select, insert on registry.run_correction to groundcrew_api, groundcrew_worker;
grant select on registry.run_correction to groundcrew_operator;
create policy part_of_own_run on registry.run_correction to groundcrew_api
  using (tenant_id = (select registry.tenant_scope())
    or ((select registry.partner_scope()) is not null
      and exists (select 1 from registry.run r where r.id = run_id and r.partner_id = (select registry.partner_scope()))))
  with check (exists (select 1 from registry.run r where r.id = run_id));
create policy part_of_work on registry.run_correction to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));
create policy part_of_every_run on registry.run_correction for select to groundcrew_operator using (true);

-- Which identities a run that only decides has met, so that it sees a device that two of its chunks bring. Emptied when the run
-- closes. The digests are keyed, as those of claims are.
create table registry.validated_identity (
  run_id uuid not null references registry.run,
  digest uuid not null,
  tenant_id uuid not null,
  line integer not null,
  primary key (run_id, digest)
);
alter table registry.validated_identity enable row level security, force row level security;
grant select, insert, delete on registry.validated_identity to groundcrew_worker;
create policy part_of_work on registry.validated_identity to groundcrew_worker
  using (tenant_id = (select registry.tenant_scope())) with check (tenant_id = (select registry.tenant_scope()));

-- Is the tenant still here? Held until the transaction ends: a tenant that leaves waits for the chunk, or the chunk sees it.
create function registry.hold_tenant(p_tenant uuid) returns boolean
  language plpgsql security definer set search_path = pg_catalog, registry as $$
begin
  if p_tenant is distinct from registry.tenant_scope() then
    raise insufficient_privilege using message = 'a tenant is held by its own work only';
  end if;
  perform 1 from registry.tenant t where t.id = p_tenant and t.state = 'active' for share;
  return found;
end $$;
revoke all on function registry.hold_tenant(uuid) from public;
grant execute on function registry.hold_tenant(uuid) to groundcrew_api, groundcrew_worker;
`);
  }
}
