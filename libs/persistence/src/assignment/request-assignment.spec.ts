import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { aCandidate, openRegistry, type Registry } from '../../../../test/support/registry.js';
import { askOf } from '../bulk/ask-of.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import { commandRun } from '../commands/run-commands.js';
import { registerChunk } from '../registration/register-chunk.js';
import { closeRun } from '../registration/run-store.js';
import { openDatabase, type Database } from '../scope/database.js';
import { withScope } from '../scope/with-scope.js';
import { assignChunk } from './assign-chunk.js';
import { closeAssignment, openAssignment } from './assignment-run.js';
import { requestAssignment, type AssignmentCause } from './request-assignment.js';

describe('asking for an assignment', () => {
  let database: ClonedDatabase;
  let registry: Registry;
  let worker: pg.Pool;
  let api: Database;

  beforeAll(async () => {
    database = await cloneDatabase();
    registry = openRegistry(database.adminUrl);
    worker = new pg.Pool({ connectionString: database.urls.worker, max: 4 });
    api = openDatabase({
      url: database.urls.api,
      applicationName: 'test',
      poolSize: 2,
      connectTimeoutMilliseconds: 5_000,
      statementTimeoutMilliseconds: 10_000,
    });
  });
  afterAll(async () => {
    await api.close();
    await worker.end();
    await registry.close();
    await database.drop();
  });

  const scopeOf = (tenantId: string) => ({ principal: 'test', tenantId, partnerId: null });
  const change = (tenantId: string, more: Partial<AssignmentCause> = {}) =>
    withScope(api, scopeOf(tenantId), (unit) =>
      requestAssignment(unit.query, tenantId, {
        kind: 'group',
        subject: randomUUID(),
        requestedBy: 'user:test',
        ...more,
      }),
    );
  const read = async <Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]) =>
    (await registry.admin.query<Row>(sql, values)).rows;

  /** An order of so many devices, registered and closed as its workflow would. */
  async function anOrder(tenantId: string, devices: number): Promise<string[]> {
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    const candidates = Array.from({ length: devices }, (_, index) => aCandidate(index + 1));
    const runId = await registry.anOrder({ tenantId, partnerId, parts: [candidates.map(() => '{}')] });
    const key = { runId, tenantId };
    await registerChunk(worker, { ...key, chunk: 1 }, { candidates, rejected: [] }, registry.sealer);
    await registry.admin.query(`update registry.run set state = 'running', counts = $2 where id = $1`, [
      runId,
      { registered: devices },
    ]);
    await closeRun(worker, key);
    return candidates.map(({ deviceId }) => deviceId);
  }

  async function openRunOf(tenantId: string): Promise<string> {
    const [demand] = await read<{ run_id: string }>(
      'select run_id from registry.assignment_demand where tenant_id = $1',
      tenantId,
    );
    return demand!.run_id;
  }

  it('makes one run of many changes, with one message that starts it', async () => {
    const tenantId = await registry.aTenant();
    const runs = await Promise.all(Array.from({ length: 8 }, () => change(tenantId)));
    expect(new Set(runs).size).toBe(1);
    const [counted] = await read(
      `select (select count(*)::int from registry.run where tenant_id = $1) as runs,
              (select count(*)::int from registry.outbox o join registry.run r on r.id = o.run_id where r.tenant_id = $1) as messages,
              (select count(*)::int from registry.assignment_cause where tenant_id = $1 and run_id is null) as waiting,
              (select generation::int from registry.assignment_demand where tenant_id = $1) as generation`,
      tenantId,
    );
    expect(counted).toEqual({ runs: 1, messages: 1, waiting: 8, generation: 8 });
  });

  it('of an order looks at the order’s devices, once, and leaves the others alone', async () => {
    const tenantId = await registry.aTenant();
    await anOrder(tenantId, 2);
    const first = { runId: await openRunOf(tenantId), tenantId };
    await openAssignment(worker, first, 10);
    await assignChunk(worker, { ...first, chunk: 1 });
    await closeAssignment(worker, first);
    const devices = await anOrder(tenantId, 5);
    const second = { runId: await openRunOf(tenantId), tenantId };
    expect(await openAssignment(worker, second, 2)).toEqual({ closed: false, chunkCount: 3 });
    // Taking it up again finds it planned.
    expect(await openAssignment(worker, second, 2)).toEqual({ closed: false, chunkCount: 3 });
    const planned = await read<{ id: string }>(
      'select unnest(device_ids) as id from registry.assignment_chunk where run_id = $1',
      second.runId,
    );
    expect(planned.map(({ id }) => id).sort()).toEqual(devices.sort());
    for (const chunk of [1, 2, 3]) await assignChunk(worker, { ...second, chunk });
    expect((await closeAssignment(worker, second)).outcome).toMatchObject({ devices: 5, moved: 0, unchanged: 5 });
    const rows = await read(
      'select distinct state, source from registry.device_assignment where tenant_id = $1',
      tenantId,
    );
    expect(rows).toEqual([{ state: 'unassigned', source: 'built_in' }]);
  });

  it('while a run is under way begins the next one when that ends', async () => {
    const tenantId = await registry.aTenant();
    const first = { runId: await change(tenantId), tenantId };
    await openAssignment(worker, first, 10);
    expect(await change(tenantId)).toBe(first.runId);
    await closeAssignment(worker, first);
    const next = await openRunOf(tenantId);
    expect(next).not.toBe(first.runId);
    const [event] = await read(
      `select data->>'next' as next from registry.run_event where run_id = $1 and kind = 'run.completed'`,
      first.runId,
    );
    expect(event).toEqual({ next });
    await openAssignment(worker, { runId: next, tenantId }, 10);
    await closeAssignment(worker, { runId: next, tenantId });
    expect(await openRunOf(tenantId)).toBeNull();
  });

  it('is lost in no interleaving of changes with the end of a run', async () => {
    const tenantId = await registry.aTenant();
    for (let round = 0; round < 12; round += 1) {
      const runId = await change(tenantId);
      await openAssignment(worker, { runId, tenantId }, 10);
      await Promise.all([
        closeAssignment(worker, { runId, tenantId }),
        ...Array.from({ length: 3 }, () => change(tenantId)),
      ]);
      const [left] = await read(
        `select (select count(*)::int from registry.assignment_cause where tenant_id = $1 and run_id is null) > 0 as waiting,
                exists (select 1 from registry.run r join registry.assignment_demand d on d.run_id = r.id
                  where d.tenant_id = $1 and r.state = 'accepted') as open`,
        tenantId,
      );
      expect(left).toEqual({ waiting: true, open: true });
      const next = { runId: await openRunOf(tenantId), tenantId };
      await openAssignment(worker, next, 10);
      await closeAssignment(worker, next);
    }
  });

  it('by a worker works like that by the API', async () => {
    const tenantId = await registry.aTenant();
    const runId = await inTenant(worker, tenantId, (client) =>
      requestAssignment(askOf(client), tenantId, {
        kind: 'device',
        subject: null,
        requestedBy: 'service:worker',
        devices: [],
      }),
    );
    expect(await openRunOf(tenantId)).toBe(runId);
  });

  it('cancelled before it began touches nothing', async () => {
    const tenantId = await registry.aTenant();
    await anOrder(tenantId, 3);
    const run = { runId: await openRunOf(tenantId), tenantId };
    await withScope(api, scopeOf(tenantId), (unit) => commandRun(unit, run.runId, 'cancel', null));
    expect(await openAssignment(worker, run, 10)).toEqual({ closed: false, chunkCount: 0 });
    expect((await closeAssignment(worker, run)).putBackFirst).toBe(false);
    const [after] = await read(
      `select r.state, (select count(*)::int from registry.device_assignment where tenant_id = r.tenant_id) as rows,
              (select array_agg(kind order by seq) from registry.run_event where run_id = r.id) as events
       from registry.run r where r.id = $1`,
      run.runId,
    );
    expect(after).toEqual({
      state: 'cancelled',
      rows: 0,
      events: ['run.accepted', 'run.commanded', 'run.started', 'run.cancelled'],
    });
  });
});
