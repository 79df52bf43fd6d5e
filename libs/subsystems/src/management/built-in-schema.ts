import type pg from 'pg';
import { prepareDirectory } from '../directory/built-in-schema.js';
import { prepareOnce } from '../prepare-once.js';
import { requestTableSql } from '../requests/accepted-requests.js';

/** The built-in management's own tables, under its own role, in a schema in which the registry has no rights. */
const schemaSql = `
create schema if not exists management;
${requestTableSql('management')}
create table if not exists management.managed_device (
  tenant_id uuid not null,
  id uuid not null,
  registration_id uuid,
  directory_object_id uuid,
  serial_number text,
  manufacturer text,
  model text,
  device_name text not null,
  device_type text not null,
  ownership text not null check (ownership in ('corporate', 'personal')),
  os_family text not null,
  os_version text not null,
  trust_type text,
  primary_user_id uuid,
  primary_user_name text,
  recovery_key_escrowed boolean not null,
  enrolled_at timestamptz not null default now(),
  last_check_in_at timestamptz not null default now(),
  -- Which request asks it to go; null: none, or it was taken back.
  retire_key text,
  primary key (tenant_id, id)
);
-- Whose the devices of a tenant are that are not personal; where nothing is said, the company's.
create table if not exists management.tenant_ownership (
  tenant_id uuid primary key,
  ownership text not null check (ownership in ('corporate', 'school'))
);
do $$ begin
  if not exists (select from pg_constraint
      where conrelid = 'management.managed_device'::regclass and conname = 'managed_device_ownership') then
    alter table management.managed_device drop constraint if exists managed_device_ownership_check,
      add constraint managed_device_ownership check (ownership in ('corporate', 'school', 'personal'));
  end if;
end $$;
create index if not exists managed_device_serial on management.managed_device (tenant_id, serial_number);
create index if not exists managed_device_registration on management.managed_device (registration_id) where registration_id is not null;
create index if not exists managed_device_object on management.managed_device (directory_object_id) where directory_object_id is not null;

-- What a device says when it is asked; shown only after it was. This stands for the device itself, so it is not sealed.
create table if not exists management.device_hash (
  tenant_id uuid not null,
  managed_device_id uuid not null,
  hash bytea not null,
  reported_at timestamptz,
  primary key (tenant_id, managed_device_id)
);

create table if not exists management.assigned_user (
  tenant_id uuid not null,
  registration_id uuid not null,
  user_id uuid not null,
  principal_name text not null,
  primary key (tenant_id, registration_id)
);

create table if not exists management.managed_user (
  tenant_id uuid not null,
  id uuid not null,
  principal_name text not null,
  licences text[] not null default '{}',
  primary key (tenant_id, id)
);

create table if not exists management.on_premises_computer (
  tenant_id uuid not null,
  directory_object_id uuid not null,
  name text not null,
  removed_at timestamptz,
  primary key (tenant_id, directory_object_id)
);

-- Which registrations management knew of when it looked last.
create table if not exists management.registered_device (
  tenant_id uuid not null,
  registration_id uuid not null,
  primary key (tenant_id, registration_id)
);

create table if not exists management.sync (
  tenant_id uuid primary key,
  key text not null,
  started_at timestamptz not null,
  completed_at timestamptz
);
`;

/** Creates the tables where they are missing; those of the directory too, which management changes when a device joins or leaves. */
export async function prepareManagement(pool: pg.Pool): Promise<void> {
  await prepareDirectory(pool);
  await prepareOnce(pool, schemaSql);
}
