/** A hash chain per tenant, written in the same transaction as the change it records. Source: interfaces-security.md 4.4. */
export const auditSql = `
-- The zero tenant is the platform's own chain: partners and tenants are onboarded there.
create table registry.audit_head (
  tenant_id uuid primary key,
  seq bigint not null,
  hash bytea not null
);
create table registry.audit_event (
  tenant_id uuid not null,
  seq bigint not null,
  actor text not null,
  action text not null,
  object text not null,
  data jsonb not null,
  request_id text,
  at timestamptz not null,
  previous bytea not null,
  hash bytea not null,
  primary key (tenant_id, seq)
);

alter table registry.audit_head enable row level security, force row level security;
alter table registry.audit_event enable row level security, force row level security;
grant select on registry.audit_head, registry.audit_event to groundcrew_api, groundcrew_operator;

create policy own_chain on registry.audit_event for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy own_chain on registry.audit_head for select to groundcrew_api using (tenant_id = (select registry.tenant_scope()));
create policy every_chain on registry.audit_event for select to groundcrew_operator using (true);
create policy every_chain on registry.audit_head for select to groundcrew_operator using (true);
create policy definer on registry.audit_event to groundcrew_owner using (true) with check (true);
create policy definer on registry.audit_head to groundcrew_owner using (true) with check (true);

create function registry.refuse_change() returns trigger language plpgsql as $$
begin
  raise insufficient_privilege using message = 'audit events are never changed';
end $$;
create trigger audit_event_is_final before update or delete on registry.audit_event
  for each row execute function registry.refuse_change();
create trigger audit_chain_is_kept before truncate on registry.audit_event
  for each statement execute function registry.refuse_change();

create function registry.audit_hash(p_previous bytea, p_tenant uuid, p_seq bigint, p_actor text, p_action text, p_object text,
    p_data jsonb, p_request text, p_at timestamptz) returns bytea
  language sql immutable set search_path = pg_catalog as $$
  select sha256(p_previous || convert_to(jsonb_build_object('tenant', p_tenant, 'seq', p_seq, 'actor', p_actor, 'action', p_action,
    'object', p_object, 'data', p_data, 'request', p_request, 'at', to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text, 'UTF8'))
$$;

-- Touched last before commit: the head row's lock orders the tenant's changes.
create function registry.append_audit(p_tenant uuid, p_actor text, p_action text, p_object text, p_data jsonb, p_request text)
  returns bigint language plpgsql security definer set search_path = pg_catalog, registry as $$
declare
  v_seq bigint;
  v_previous bytea;
  v_hash bytea;
begin
  -- A caller writes into the chain of its own tenant; a partner into that of a customer it has, or had, an authorization of.
  if session_user in ('groundcrew_api', 'groundcrew_worker') and p_tenant is distinct from registry.tenant_scope()
    and not exists (select 1 from registry.consent c where c.tenant_id = p_tenant and c.partner_id = registry.partner_scope()) then
    raise insufficient_privilege using message = 'not the chain of the caller';
  end if;
  insert into registry.audit_head (tenant_id, seq, hash) values (p_tenant, 0, '\\x') on conflict (tenant_id) do nothing;
  select h.seq + 1, h.hash into v_seq, v_previous from registry.audit_head h where h.tenant_id = p_tenant for update;
  v_hash := registry.audit_hash(v_previous, p_tenant, v_seq, p_actor, p_action, p_object, p_data, p_request, now());
  insert into registry.audit_event (tenant_id, seq, actor, action, object, data, request_id, at, previous, hash)
    values (p_tenant, v_seq, p_actor, p_action, p_object, p_data, p_request, now(), v_previous, v_hash);
  update registry.audit_head set seq = v_seq, hash = v_hash where tenant_id = p_tenant;
  return v_seq;
end $$;
revoke all on function registry.append_audit(uuid, text, text, text, jsonb, text) from public;
grant execute on function registry.append_audit(uuid, text, text, text, jsonb, text)
  to groundcrew_api, groundcrew_worker, groundcrew_operator;
`;
