/** Whose rows a transaction may touch: set by the application, read by every policy. */
export const scopeSql = `
create schema registry;
grant usage on schema registry to groundcrew_api, groundcrew_worker, groundcrew_relay, groundcrew_operator;

create function registry.tenant_scope() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('groundcrew.tenant_id', true), '')::uuid $$;
create function registry.partner_scope() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('groundcrew.partner_id', true), '')::uuid $$;
create function registry.principal() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('groundcrew.principal', true), '') $$;
`;
