import type pg from 'pg';
import { prepareOnce } from '../prepare-once.js';

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
alter table directory.request add column if not exists act text not null default 'pre_create';
alter table directory.request add column if not exists position bigint generated always as identity;
-- It was accepted and is never applied: misbehaviour, in demo and test only.
alter table directory.request add column if not exists stuck boolean not null default false;
create index if not exists request_due on directory.request (position) where applied_at is null;
create index if not exists request_due_of_tenant on directory.request (tenant_id, position) where applied_at is null;
drop index if exists directory.request_open;
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
-- The registration is no more; the object stays readable under it while something else needs it.
alter table directory.device_object add column if not exists released_at timestamptz;
alter table directory.device_object add column if not exists managed boolean not null default false;
alter table directory.device_object add column if not exists on_premises_computer boolean not null default false;
create index if not exists device_object_joined on directory.device_object (tenant_id, display_name) where trust_type is not null;
create index if not exists device_object_of_tenant on directory.device_object (tenant_id, id);
-- What is asked for again is looked for among the few that were released, and not among all.
create index if not exists device_object_released on directory.device_object (registration_id) where released_at is not null;
-- What is asked for is looked at once and then gone: nobody tries to compress it.
alter table directory.request alter column objects set storage external;
`;

/** Creates the tables where they are missing. Processes that start at once take turns. */
export async function prepareDirectory(pool: pg.Pool): Promise<void> {
  await prepareOnce(pool, schemaSql);
}
