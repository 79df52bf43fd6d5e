import type pg from 'pg';

/** The built-in directory's own tables, under its own role, in a schema in which the registry has no rights. */
const schemaSql = `
create schema if not exists directory;
create table if not exists directory.request (
  key text primary key,
  tenant_id uuid not null,
  objects jsonb not null,
  accepted_at timestamptz not null default now(),
  applied_at timestamptz,
  refusals jsonb not null default '[]'
);
create index if not exists request_open on directory.request (accepted_at) where applied_at is null;
create table if not exists directory.device_object (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  registration_id uuid unique,
  display_name text not null,
  physical_ids text[] not null,
  trust_type text,
  account_enabled boolean not null default true,
  created_at timestamptz not null default now()
);
create index if not exists device_object_joined on directory.device_object (tenant_id, display_name) where trust_type is not null;
`;

/** Creates the tables where they are missing. Processes that start at once take turns. */
export async function prepareDirectory(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(727402)');
    await client.query(schemaSql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
