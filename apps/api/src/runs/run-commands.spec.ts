import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let operator: string;

beforeAll(async () => {
  api = await startApi();
  customer = await aCustomer(api);
  operator = await api.issuer.tokenOf('Operator', randomUUID());
});
afterAll(() => api.close());

const aRun = () => api.registry.anOrder({ ...customer, parts: [['{}']] });
const cancel = (runId: string, token: string, key?: string) =>
  api.call('POST', `/v1/operations/${runId}/cancellations`, {
    token,
    body: { reason: 'wrong tenant' },
    ...(key !== undefined && { key }),
  });
const resolve = (runId: string, decision: string, token = operator) =>
  api.call('POST', `/v1/operations/${runId}/resolutions`, { token, body: { decision, reason: 'looked at it' } });
const written = async (runId: string) => {
  const { rows } = await api.registry.admin.query(
    `select (select json_agg(c.command order by seq) from registry.run_command c where run_id = $1) as commands,
            (select json_agg(o.topic order by id) from registry.outbox o where run_id = $1) as topics,
            (select max(seq) from registry.run_event where run_id = $1) as seq,
            (select event_count from registry.run where id = $1) as events`,
    [runId],
  );
  return rows[0];
};

describe('cancelling a run', () => {
  it('is written down with its message before anybody acts on it, and says that it is under way', async () => {
    const runId = await aRun();
    const { status, body, headers } = await cancel(runId, customer.pipeline);
    expect({ status, status2: body.status, subStatus: body.subStatus }).toEqual({
      status: 202,
      status2: 'NotStarted',
      subStatus: 'Compensating',
    });
    expect(headers['operation-location']).toMatch(runId);
    expect(await written(runId)).toMatchObject({ commands: ['cancel'], topics: ['cancel_run'] });
    const { rows } = await api.registry.admin.query(
      `select actor, data from registry.audit_event where object = $1 and action = 'run.cancel'`,
      [`run/${runId}`],
    );
    expect(rows).toEqual([{ actor: expect.any(String), data: { reason: 'wrong tenant' } }]);
  });

  it('twice is once, with one key and with two', async () => {
    const runId = await aRun();
    const key = randomUUID();
    await cancel(runId, customer.pipeline, key);
    expect((await cancel(runId, customer.pipeline, key)).status).toBe(202);
    expect((await cancel(runId, customer.owner)).status).toBe(202);
    expect(await written(runId)).toMatchObject({ commands: ['cancel'], topics: ['cancel_run'] });
  });

  it('is open to its partner, its tenant and operators, and to nobody else', async () => {
    const other = await aCustomer(api);
    for (const token of [other.pipeline, other.owner]) {
      const { status, body } = await cancel(await aRun(), token);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'operation.not-found' });
    }
    for (const token of [customer.pipeline, customer.owner, operator]) {
      expect((await cancel(await aRun(), token)).status).toBe(202);
    }
  });

  it('is too late once the run is over', async () => {
    const runId = await aRun();
    await api.registry.admin.query(`update registry.run set state = 'completed' where id = $1`, [runId]);
    const { status, body } = await cancel(runId, customer.pipeline);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'operation.closed' });
    expect((await written(runId)).commands).toBeNull();
  });
});

describe('a run that needs a person', () => {
  it.each(['retry', 'abandon'])('is told to %s', async (decision) => {
    const runId = await aRun();
    await api.registry.admin.query(`update registry.run set state = 'needs_attention' where id = $1`, [runId]);
    expect((await resolve(runId, decision)).status).toBe(202);
    expect(await written(runId)).toMatchObject({ commands: [decision], topics: [`${decision}_run`] });
  });

  it('is told nothing that it did not ask for', async () => {
    const runId = await aRun();
    expect((await resolve(runId, 'retry')).body.code).toBe('operation.needs-nobody');
    expect((await resolve(runId, 'confirm')).body.code).toBe('operation.command-not-taken');
    expect((await resolve(runId, 'explode')).status).toBe(400);
  });
});
