/** How a command is taken in exactly once: the key, the sealed parts of its body, and the message that starts its run. */
export const intakeSql = `
-- Claimed first, in its own transaction; answered in the transaction that writes the intent.
create table registry.idempotency_key (
  principal text not null,
  key text not null,
  operation text not null,
  state text not null default 'open' check (state in ('open', 'answered')),
  claim uuid not null,
  lease_until timestamptz not null,
  body_digest bytea,
  status integer,
  answer jsonb,
  headers jsonb,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (principal, key)
);
create index idempotency_key_expiry on registry.idempotency_key (expires_at);

-- A body as it arrives: parts of about 1,000 lines, sealed, each in a short transaction of its own. The id is that of the
-- run it becomes. What was never accepted is swept when its lease is over; what was, chunk by chunk as it is settled.
create table registry.intake (
  id uuid primary key,
  principal text not null,
  tenant_id uuid not null,
  partner_id uuid,
  accepted boolean not null default false,
  lease_until timestamptz not null,
  created_at timestamptz not null default now()
);
create table registry.intake_part (
  intake_id uuid not null references registry.intake on delete cascade,
  number integer not null,
  principal text not null,
  first_line integer not null,
  line_count integer not null,
  body bytea not null,
  primary key (intake_id, number)
);
alter table registry.intake_part alter column body set storage external;

create table registry.outbox (
  id bigint generated always as identity primary key,
  run_id uuid not null references registry.run,
  topic text not null check (topic in ('start_run')),
  created_at timestamptz not null default now(),
  next_try_at timestamptz not null default now(),
  claimed_by uuid,
  lease_until timestamptz,
  attempts integer not null default 0,
  last_error text,
  done_at timestamptz
);
create index outbox_open on registry.outbox (next_try_at) where done_at is null;

alter table registry.idempotency_key enable row level security, force row level security;
alter table registry.intake enable row level security, force row level security;
alter table registry.intake_part enable row level security, force row level security;
alter table registry.outbox enable row level security, force row level security;

grant select, insert, update, delete on registry.idempotency_key, registry.intake, registry.intake_part to groundcrew_api;
grant select, insert, update, delete on registry.idempotency_key to groundcrew_operator;
grant select, delete on registry.idempotency_key, registry.intake, registry.intake_part to groundcrew_relay;
grant select, delete on registry.intake_part to groundcrew_worker;
grant insert, select on registry.outbox to groundcrew_api;
grant select, update, delete on registry.outbox to groundcrew_relay;
grant select on registry.outbox to groundcrew_operator;

create policy own_key on registry.idempotency_key to groundcrew_api, groundcrew_operator
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));
create policy sweep on registry.idempotency_key to groundcrew_relay using (true);
create policy own_intake on registry.intake to groundcrew_api
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));
create policy sweep on registry.intake to groundcrew_relay using (true);
create policy own_intake on registry.intake_part to groundcrew_api
  using (principal = (select registry.principal())) with check (principal = (select registry.principal()));
create policy sweep on registry.intake_part to groundcrew_relay using (true);
create policy part_of_work on registry.intake_part to groundcrew_worker
  using (exists (select 1 from registry.run r where r.id = intake_id));
create policy message_of_own_run on registry.outbox to groundcrew_api
  using (exists (select 1 from registry.run r where r.id = run_id))
  with check (exists (select 1 from registry.run r where r.id = run_id));
create policy every_message on registry.outbox to groundcrew_relay using (true) with check (true);
create policy watched_message on registry.outbox for select to groundcrew_operator using (true);
`;
