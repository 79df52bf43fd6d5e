import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimRunsToStart, markStarted, startOpenAssignmentsAgain } from '@groundcrew/persistence/without-orm';
import { defaultConsentPolicy, defaultRepairPolicy, defaultRunPolicy } from '@groundcrew/workflows';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { openRegistry, type Registry } from '../../../../test/support/registry.js';
import { relayOnce, type RelayTools } from './relay.js';

describe('the relay', () => {
  let database: ClonedDatabase;
  let registry: Registry;
  let pool: pg.Pool;
  let connection: Connection;
  const started: string[] = [];

  beforeAll(async () => {
    database = await cloneDatabase();
    registry = openRegistry(database.adminUrl);
    pool = new pg.Pool({ connectionString: database.urls.relay, max: 4 });
    connection = await Connection.connect({ address: process.env.GROUNDCREW_TEST_TEMPORAL_ADDRESS ?? '' });
  });
  afterAll(async () => {
    const { workflow } = new Client({ connection });
    for (const runId of started) await workflow.getHandle(`registration_order/${runId}`).terminate('the test is over');
    await connection.close();
    await pool.end();
    await registry.close();
    await database.drop();
  });

  const toolsOn = (channel: Connection, leaseMs = 60_000): RelayTools => ({
    pool,
    client: new Client({ connection: channel }),
    policy: defaultRunPolicy,
    consent: defaultConsentPolicy,
    repair: defaultRepairPolicy,
    taskQueuePrefix: 'nobody-works-here-',
    claim: randomUUID(),
    batch: 10,
    leaseMs,
    retryMs: 1,
    startMs: 1_000,
    log: pino({ enabled: false }),
  });

  async function anAcceptedRun(): Promise<string> {
    const tenantId = await registry.aTenant();
    const runId = await registry.anOrder({ tenantId, partnerId: await registry.aPartner(), parts: [['{}']] });
    await registry.admin.query(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
    started.push(runId);
    return runId;
  }

  const executionsOf = async (runId: string) =>
    (await new Client({ connection }).workflow.getHandle(`registration_order/${runId}`).describe()).status.name;
  const openMessages = async (runId: string) =>
    (
      await registry.admin.query('select last_error from registry.outbox where run_id = $1 and done_at is null', [
        runId,
      ])
    ).rows;

  it('starts a run under its own id and puts the message away', async () => {
    const runId = await anAcceptedRun();
    expect(await relayOnce(toolsOn(connection))).toBe(1);
    expect(await executionsOf(runId)).toBe('RUNNING');
    expect(await openMessages(runId)).toEqual([]);
  });

  it('starts a run once when one relay freezes with the message in its hands and another takes over', async () => {
    const runId = await anAcceptedRun();
    const frozen = await claimRunsToStart(pool, randomUUID(), 10, 50);
    expect(frozen.map((message) => message.runId)).toContain(runId);
    while ((await relayOnce(toolsOn(connection))) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await openMessages(runId)).toEqual([]);
    // It wakes up: the run is started already, which is success.
    await registry.admin.query('update registry.outbox set done_at = null where run_id = $1', [runId]);
    expect(await relayOnce(toolsOn(connection))).toBe(1);
    for (const message of frozen) await markStarted(pool, message);
    expect(await openMessages(runId)).toEqual([]);
    expect(await executionsOf(runId)).toBe('RUNNING');
  });

  it('keeps the message while Temporal is down, with the reason, and starts the run when it is back', async () => {
    const runId = await anAcceptedRun();
    const nowhere = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 300 });
    await relayOnce(toolsOn(nowhere));
    await nowhere.close();
    expect(await openMessages(runId)).toEqual([{ last_error: expect.any(String) }]);
    while ((await relayOnce(toolsOn(connection))) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await executionsOf(runId)).toBe('RUNNING');
  });

  describe('an assignment run that is open', () => {
    let runId: string;
    let tenantId: string;

    beforeAll(async () => {
      tenantId = await registry.aTenant();
      const { rows } = await registry.admin.query<{ id: string }>(
        `insert into registry.run (id, kind, tenant_id, task_queue, chunk_count, received, event_count, source_format, body_digest, requested_by)
         values (gen_random_uuid(), 'assignment', $1, 'bulk', 0, 0, 0, 'json', '', 'test') returning id`,
        [tenantId],
      );
      runId = rows[0]!.id;
      await registry.admin.query(`insert into registry.outbox (run_id, topic) values ($1, 'start_run')`, [runId]);
      await registry.admin.query(
        'insert into registry.assignment_demand (tenant_id, generation, run_id) values ($1, 1, $2)',
        [tenantId, runId],
      );
    });
    afterAll(() => new Client({ connection }).workflow.getHandle(`assignment/${runId}`).terminate('the test is over'));

    const execution = async () => {
      const { runId: id, status } = await new Client({ connection }).workflow
        .getHandle(`assignment/${runId}`)
        .describe();
      return { id, status: status.name };
    };
    async function startAgain(sinceMs = 0): Promise<number> {
      const again = await startOpenAssignmentsAgain(pool, sinceMs);
      while ((await openMessages(runId)).length > 0) await relayOnce(toolsOn(connection));
      return again;
    }

    it('and executed is left alone, however often it is started again', async () => {
      await relayOnce(toolsOn(connection));
      const first = await execution();
      expect(first.status).toBe('RUNNING');
      expect(await startAgain()).toBe(1);
      expect(await startAgain(60_000)).toBe(0);
      expect(await execution()).toEqual(first);
    });

    it('and whose execution was terminated is executed again', async () => {
      const { id } = await execution();
      await new Client({ connection }).workflow.getHandle(`assignment/${runId}`).terminate('somebody in the UI');
      expect((await execution()).status).toBe('TERMINATED');
      expect(await startAgain()).toBe(1);
      const second = await execution();
      expect(second.status).toBe('RUNNING');
      expect(second.id).not.toBe(id);
    });

    it('no more is not started again', async () => {
      await registry.admin.query('update registry.assignment_demand set run_id = null where tenant_id = $1', [
        tenantId,
      ]);
      expect(await startAgain()).toBe(0);
    });
  });
});
