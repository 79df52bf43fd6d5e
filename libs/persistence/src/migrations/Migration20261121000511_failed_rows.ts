import { Migration } from '@mikro-orm/migrations';

/** Rows that failed, as they were sent: for whoever sent them and for nobody else, sealed, and for 30 days. */
export class Migration20261121000511_failed_rows extends Migration {
  override up(): void {
    this.addSql(`
-- One row per chunk and moment at which rows of it failed: when they were decided, and when the directory refused.
create table registry.failed_rows (
  run_id uuid not null references registry.run,
  chunk integer not null,
  moment smallint not null check (moment in (1, 2)),
  tenant_id uuid not null,
  requested_by text not null,
  lines integer[] not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  primary key (run_id, chunk, moment)
);
alter table registry.failed_rows alter column sealed set storage external;
create index failed_rows_expiry on registry.failed_rows (expires_at);
alter table registry.failed_rows enable row level security, force row level security;
grant select on registry.failed_rows to groundcrew_api;
grant insert on registry.failed_rows to groundcrew_worker;
grant select (run_id, expires_at), delete on registry.failed_rows to groundcrew_relay;
-- Not the tenant's, not the partner's: the sender's own.
create policy own_rows on registry.failed_rows for select to groundcrew_api
  using (requested_by = (select registry.principal()) and exists (select 1 from registry.run r where r.id = run_id));
create policy rows_of_work on registry.failed_rows for insert to groundcrew_worker
  with check (tenant_id = (select registry.tenant_scope()));
create policy sweep on registry.failed_rows to groundcrew_relay using (true);
`);
  }
}
