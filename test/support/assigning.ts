import {
  assignChunk,
  closeAssignment,
  commandRun,
  openAssignment,
  openDatabase,
  requestAssignment,
  uuidV7,
  withScope,
  type AssignmentOutcome,
  type Database,
  type RunKey,
} from '@groundcrew/persistence';
import { grammarVersion } from '@groundcrew/domain';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase } from './database.js';
import { openRegistry, type Registry } from './registry.js';

/** A database in which assignment runs are done by hand, step by step. */
export interface Assigning {
  registry: Registry;
  worker: pg.Pool;
  api: Database;
  /** Registered devices, past all that registration is. In the order of their ids. */
  devices(tenantId: string, devices: readonly { groupTag?: string; model?: string }[]): Promise<string[]>;
  /** Something changed: @returns the run that is to answer it. */
  ask(tenantId: string): Promise<RunKey>;
  /** The same with the whole run. */
  run(tenantId: string, chunkSize: number): Promise<{ key: RunKey; outcome: AssignmentOutcome }>;
  tell(key: RunKey, command: 'cancel'): Promise<void>;
  close(): Promise<void>;
}

export async function openAssigning(): Promise<Assigning> {
  const database = await cloneDatabase();
  const registry = openRegistry(database.adminUrl);
  const worker = new pg.Pool({ connectionString: database.urls.worker, max: 4 });
  const api = openDatabase({
    url: database.urls.api,
    applicationName: 'test',
    poolSize: 2,
    connectTimeoutMilliseconds: 5_000,
    statementTimeoutMilliseconds: 10_000,
  });
  const scopeOf = (tenantId: string) => ({ principal: 'user:test', tenantId, partnerId: null });
  const world: Assigning = {
    registry,
    worker,
    api,
    async devices(tenantId, devices) {
      const ids = devices.map(() => uuidV7(Date.now())).sort();
      await registry.admin.query(
        `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, group_tag, registrar_kind, registrar_id,
           source_run_id, source_line, hash_level)
         select $1, w.id, 'SN' || w.line, 'Fabrikam', w.model, w.tag, 'tenant', $1, $1, w.line, 'full'
         from unnest($2::uuid[], $3::text[], $4::text[]) with ordinality as w (id, model, tag, line)`,
        [tenantId, ids, devices.map(({ model }) => model ?? 'Book 5'), devices.map(({ groupTag }) => groupTag ?? null)],
      );
      return ids;
    },
    async ask(tenantId) {
      const runId = await withScope(api, scopeOf(tenantId), (unit) =>
        requestAssignment(unit.query, tenantId, { kind: 'profile', subject: null, requestedBy: 'user:test' }),
      );
      return { runId, tenantId };
    },
    async run(tenantId, chunkSize) {
      const key = await world.ask(tenantId);
      const { chunkCount } = await openAssignment(worker, key, chunkSize);
      for (let chunk = 1; chunk <= chunkCount; chunk += 1) await assignChunk(worker, { ...key, chunk });
      const { outcome } = await closeAssignment(worker, key);
      return { key, outcome };
    },
    tell: (key, command) => withScope(api, scopeOf(key.tenantId), (unit) => commandRun(unit, key.runId, command, null)),
    async close() {
      await api.close();
      await worker.end();
      await registry.close();
      await database.drop();
    },
  };
  return world;
}

/** A group with a rule, or with named members. */
export async function aGroup(
  { registry }: Pick<Assigning, 'registry'>,
  tenantId: string,
  rule: string | null,
  members: readonly string[] = [],
): Promise<string> {
  const id = uuidV7(Date.now());
  await registry.admin.query(
    `insert into registry.device_group (tenant_id, id, display_name, rule, grammar_version) values ($1, $2, 'A group', $3, $4)`,
    [tenantId, id, rule, rule === null ? null : grammarVersion],
  );
  await registry.admin.query(
    `insert into registry.device_group_member (tenant_id, group_id, device_id, added_by)
     select $1, $2, w.id, 'test' from unnest($3::uuid[]) as w (id)`,
    [tenantId, id, members],
  );
  return id;
}

/** A profile that is given to these. Each is younger than the one before. */
export async function aProfile(
  { registry }: Pick<Assigning, 'registry'>,
  tenantId: string,
  given: {
    included?: string[];
    excluded?: string[];
    allDevices?: boolean;
    deploymentMode?: string;
    deviceType?: string;
  },
): Promise<string> {
  const id = randomUUID();
  const settings = {
    deviceType: given.deviceType ?? 'windowsPc',
    deploymentMode: given.deploymentMode ?? 'user_driven',
    joinType: 'entra',
  };
  await registry.admin.query(
    `insert into registry.profile (tenant_id, id, display_name, settings) values ($1, $2, 'A profile', $3)`,
    [tenantId, id, settings],
  );
  await registry.admin.query(
    `insert into registry.profile_assignment (tenant_id, profile_id, target, intent, group_id)
     select $1::uuid, $2::uuid, 'group', 'include', g from unnest($3::uuid[]) as g
     union all select $1, $2, 'group', 'exclude', g from unnest($4::uuid[]) as g
     union all select $1, $2, 'all_devices', 'include', null where $5`,
    [tenantId, id, given.included ?? [], given.excluded ?? [], given.allDevices ?? false],
  );
  return id;
}
