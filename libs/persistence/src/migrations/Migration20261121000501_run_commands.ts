import { Migration } from '@mikro-orm/migrations';

/** What people tell a run that is under way: written down first, acted upon later, also while Temporal is down. */
export class Migration20261121000501_run_commands extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.outbox drop constraint if exists outbox_topic_check, add constraint outbox_topic_check check (topic ~ '^[a-z_]+$');
alter table registry.run_chunk drop constraint run_chunk_state_check,
  add constraint run_chunk_state_check check (state in ('sealed', 'planned', 'registered', 'settled', 'taken_back', 'released'));

-- The last thing a run was told, and what a run that was taken back undid and kept.
alter table registry.run add column commanded text, add column taken_back jsonb;
create policy definer on registry.run to groundcrew_owner using (true) with check (true);

-- A verdict is final. That what it registered was taken back later is said beside it.
alter table registry.run_item add column taken_back_at timestamptz;
grant update (taken_back_at) on registry.run_item to groundcrew_worker;

create table registry.run_command (
  run_id uuid not null references registry.run,
  seq integer not null,
  command text not null,
  reason text,
  requested_by text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (run_id, seq)
);
alter table registry.run_command enable row level security, force row level security;
grant select on registry.run_command to groundcrew_api, groundcrew_worker, groundcrew_operator;
create policy part_of_own_run on registry.run_command for select to groundcrew_api, groundcrew_worker
  using (exists (select 1 from registry.run r where r.id = run_id));
create policy part_of_every_run on registry.run_command for select to groundcrew_operator using (true);
create policy definer on registry.run_command to groundcrew_owner using (true) with check (true);
create policy definer on registry.run_event to groundcrew_owner using (true) with check (true);
create policy definer on registry.outbox to groundcrew_owner using (true) with check (true);

-- Holds a run of the caller's still, so that what is decided about it stays true until the transaction ends.
create function registry.hold_run(p_run uuid) returns table (kind text, state text, commanded text)
  language sql security definer set search_path = pg_catalog, registry as $$
  select r.kind, r.state, r.commanded from registry.run r
    where r.id = p_run
      and (session_user = 'groundcrew_operator' or r.tenant_id = registry.tenant_scope() or r.partner_id = registry.partner_scope())
    for update
$$;

-- Writes down what a run was told, numbers the event, and leaves the message that tells its workflow. The run is held already.
create function registry.command_run(p_run uuid, p_command text, p_reason text) returns void
  language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_run record;
begin
  update registry.run r set commanded = p_command, event_count = r.event_count + 1, version = r.version + 1
    where r.id = p_run
      and (session_user = 'groundcrew_operator' or r.tenant_id = registry.tenant_scope() or r.partner_id = registry.partner_scope())
    returning r.tenant_id, r.event_count into v_run;
  if not found then raise insufficient_privilege using message = 'not a run of the caller'; end if;
  insert into registry.run_command (run_id, seq, command, reason, requested_by)
    select p_run, coalesce(max(c.seq), 0) + 1, p_command, p_reason, registry.principal() from registry.run_command c where c.run_id = p_run;
  insert into registry.run_event (run_id, seq, tenant_id, kind, data)
    values (p_run, v_run.event_count, v_run.tenant_id, 'run.commanded', jsonb_build_object('command', p_command, 'reason', p_reason));
  insert into registry.outbox (run_id, topic) values (p_run, p_command || '_run');
  perform pg_notify('groundcrew_outbox', ''), pg_notify('groundcrew_run_event', p_run::text);
end $$;
revoke all on function registry.hold_run(uuid) from public;
revoke all on function registry.command_run(uuid, text, text) from public;
grant execute on function registry.hold_run(uuid) to groundcrew_api, groundcrew_operator;
grant execute on function registry.command_run(uuid, text, text) to groundcrew_api, groundcrew_operator;
`);
  }
}
