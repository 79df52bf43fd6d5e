import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimRunsToStart, markStarted } from '@groundcrew/persistence';
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
});
