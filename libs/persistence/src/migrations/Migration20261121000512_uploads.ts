import { Migration } from '@mikro-orm/migrations';

/** Large files in parts: sent in any order, again where one broke, and made a run of when all are there. */
export class Migration20261121000512_uploads extends Migration {
  override up(): void {
    this.addSql(`
create table registry.upload (
  id uuid primary key,
  principal text not null,
  tenant_id uuid not null,
  -- Null where the tenant sends it itself.
  partner_id uuid,
  format text not null check (format in ('csv', 'jsonl')),
  terms jsonb not null,
  state text not null default 'open' check (state in ('open', 'committed')),
  run_id uuid references registry.run,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index upload_expiry on registry.upload (expires_at);
create table registry.upload_part (
  upload_id uuid not null references registry.upload on delete cascade,
  number integer not null check (number between 1 and 10000),
  principal text not null,
  bytes integer not null,
  digest bytea not null,
  sealed bytea not null,
  primary key (upload_id, number)
);
alter table registry.upload_part alter column sealed set storage external;
alter table registry.upload enable row level security, force row level security;
alter table registry.upload_part enable row level security, force row level security;
grant select, insert, update on registry.upload to groundcrew_api;
grant select, insert, update, delete on registry.upload_part to groundcrew_api;
grant select (id, expires_at), delete on registry.upload to groundcrew_relay;
create policy own_upload on registry.upload to groundcrew_api
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));
create policy own_upload on registry.upload_part to groundcrew_api
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));
create policy sweep on registry.upload to groundcrew_relay using (true);
`);
  }
}
