import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { databaseRoles, roleName, urlFor, type DatabaseRole } from './database-urls.js';
import { migrations } from './migrations/index.js';

export interface PrepareDatabaseOptions {
  /** A role that may create roles and databases; used here only. */
  adminUrl: string;
  /** Name of the database to create where it is missing, and to migrate. */
  database: string;
  passwords: Record<DatabaseRole, string>;
  /** Drops the database first. Everything in it is lost. */
  reset?: boolean;
}

/**
 * Creates roles and database where they are missing and brings the schema up to date. Running it twice changes nothing;
 * two processes that run it at once take turns.
 *
 * @returns a connection URL for each role
 */
export async function prepareDatabase(options: PrepareDatabaseOptions): Promise<Record<DatabaseRole, string>> {
  const { adminUrl, database, passwords } = options;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock(727401)');
    for (const role of databaseRoles) await ensureRole(admin, roleName(role), passwords[role]);
    if (options.reset === true) {
      await admin.query(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`);
    }
    await ensureDatabase(admin, database);
    const urls = Object.fromEntries(
      databaseRoles.map((role) => [role, urlFor(adminUrl, database, role, passwords[role])]),
    ) as Record<DatabaseRole, string>;
    await migrate(urls.owner);
    return urls;
  } finally {
    await admin.end();
  }
}

async function ensureRole(admin: pg.Client, name: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [name]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await admin.query(
    `${verb} role ${pg.escapeIdentifier(name)} login nosuperuser nobypassrls nocreatedb nocreaterole password ${pg.escapeLiteral(password)}`,
  );
}

async function ensureDatabase(admin: pg.Client, database: string): Promise<void> {
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [database]);
  if (rowCount !== 0) return;
  const name = pg.escapeIdentifier(database);
  // PostgreSQL 16 lets a role that creates others give a database away only to a role it is a member of.
  await admin.query(`grant ${roleName('owner')}, ${roleName('neighbours')} to current_user`);
  await admin.query(`create database ${name} owner ${roleName('owner')}`);
  await admin.query(`revoke all on database ${name} from public`);
  for (const role of databaseRoles)
    await admin.query(`grant connect, temporary on database ${name} to ${roleName(role)}`);
  await admin.query(`grant create on database ${name} to ${roleName('neighbours')}`);
}

async function migrate(ownerUrl: string): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: ownerUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: migrations, tableName: 'migration', snapshot: false, silent: true },
    pool: { min: 0, max: 1 },
  });
  try {
    await orm.migrator.up();
  } finally {
    await orm.close(true);
  }
}
