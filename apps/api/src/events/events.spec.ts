import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request, type ClientRequest } from 'node:http';
import type pg from 'pg';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let url: string;
let customer: Awaited<ReturnType<typeof aCustomer>>;
const row = `${JSON.stringify({ manufacturer: 'Contoso', model: 'Book', serialNumber: 'S1', hardwareIdentifier: 'AAAA' })}\n`;

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_EVENTS_HEARTBEAT_MS: '150', GROUNDCREW_EVENTS_STREAMS: '3' });
  customer = await aCustomer(api);
  url = await api.listen();
});
afterAll(() => api.close());

async function aRun(): Promise<string> {
  const { body } = await api.call('POST', `/v1/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}`, {
    token: customer.pipeline,
    body: row,
    headers: { 'content-type': 'application/jsonl' },
  });
  return body.id as string;
}

/** Adds an event as the worker does: numbered under the run row's lock, and heard by those who listen. */
async function appendEvent(client: pg.Pool | pg.PoolClient, runId: string, kind: string, state = 'running') {
  await client.query(
    `with numbered as (update registry.run set event_count = event_count + 1, state = $3 where id = $1 returning event_count, tenant_id)
     insert into registry.run_event (run_id, seq, tenant_id, kind) select $1, event_count, tenant_id, $2 from numbered`,
    [runId, kind, state],
  );
  await client.query(`select pg_notify('groundcrew_run_event', $1)`, [runId]);
}

interface Stream {
  status: number;
  text: () => string;
  events: () => { id: string; kind: string; runId: string }[];
  has: (count: number) => Promise<void>;
  ended: Promise<void>;
  request: ClientRequest;
}
function watch(path: string, token: string, lastEventId?: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, {
      headers: { authorization: `Bearer ${token}`, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      const ended = new Promise<void>((done) => void response.on('close', () => done()));
      const events = () =>
        [...text.matchAll(/^id: (.+)\ndata: (.+)\n\n/gm)].map(([, id, data]) => ({
          ...(JSON.parse(data!) as { kind: string; runId: string }),
          id: id!,
        }));
      const has = async (count: number) => {
        const until = Date.now() + 10_000;
        while (events().length < count && Date.now() < until) await new Promise((next) => setTimeout(next, 10));
        expect(events().length).toBeGreaterThanOrEqual(count);
      };
      resolve({ status: response.statusCode!, text: () => text, events, has, ended, request: sent });
    });
    sent.end();
  });
}

describe('the stream of a run', () => {
  it('tells what happened and what happens, and ends with the run', async () => {
    const runId = await aRun();
    const stream = await watch(`/v1/operations/${runId}/events`, customer.owner);
    await stream.has(1);
    await appendEvent(api.registry.admin, runId, 'run.started');
    await stream.has(2);
    await appendEvent(api.registry.admin, runId, 'run.completed', 'completed');
    await stream.ended;
    expect(stream.events().map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      '1 run.accepted',
      '2 run.started',
      '3 run.completed',
    ]);
  });

  it('goes on after the last event that was seen; where nothing is left it says so', async () => {
    const runId = await aRun();
    await appendEvent(api.registry.admin, runId, 'run.started');
    await appendEvent(api.registry.admin, runId, 'run.completed', 'completed');
    const rest = await watch(`/v1/operations/${runId}/events`, customer.pipeline, '2');
    await rest.ended;
    expect(rest.events().map(({ id }) => id)).toEqual(['3']);
    const done = await watch(`/v1/operations/${runId}/events`, customer.pipeline, '3');
    expect(done.status).toBe(204);
    await done.ended;
  });

  it('is alive while nothing happens, and hears of what was never announced', async () => {
    const runId = await aRun();
    const stream = await watch(`/v1/operations/${runId}/events`, customer.owner);
    await stream.has(1);
    await api.registry.admin.query(
      `with numbered as (update registry.run set event_count = event_count + 1 where id = $1 returning event_count, tenant_id)
       insert into registry.run_event (run_id, seq, tenant_id, kind) select $1, event_count, tenant_id, 'run.started' from numbered`,
      [runId],
    );
    await stream.has(2);
    const until = Date.now() + 5_000;
    while (!stream.text().includes(': still here') && Date.now() < until)
      await new Promise((next) => setTimeout(next, 10));
    expect(stream.text()).toContain(': still here');
    stream.request.destroy();
    await stream.ended;
  });

  it('ends with the token', async () => {
    const claims = { ...api.issuer.claimsOf('Reader', customer.tenantId), exp: Math.floor(Date.now() / 1000) + 1 };
    const stream = await watch(`/v1/operations/${await aRun()}/events`, await api.issuer.sign(claims));
    expect(stream.status).toBe(200);
    await stream.ended;
  });

  it('is refused where too many are open, until one is left', async () => {
    const runId = await aRun();
    const open = await Promise.all([1, 2, 3].map(() => watch(`/v1/operations/${runId}/events`, customer.owner)));
    expect((await watch(`/v1/operations/${runId}/events`, customer.owner)).status).toBe(503);
    open.forEach((stream) => stream.request.destroy());
    await Promise.all(open.map((stream) => stream.ended));
    const until = Date.now() + 5_000;
    let again = await watch(`/v1/operations/${runId}/events`, customer.owner);
    while (again.status === 503 && Date.now() < until)
      again = await watch(`/v1/operations/${runId}/events`, customer.owner);
    expect(again.status).toBe(200);
    again.request.destroy();
    await again.ended;
  });
});

describe('the stream of a tenant', () => {
  /**
   * The present is where the oldest open transaction of the whole server began: while another suite holds one open, a stream also
   * tells what its tenant did just before it was opened. This test looks at its own two events.
   */
  const written = (stream: Awaited<ReturnType<typeof watch>>) =>
    stream.events().filter(({ kind }) => kind.startsWith('written.'));

  it('loses nothing when two events are committed in reverse order', async () => {
    const [early, late] = [await aRun(), await aRun()];
    const stream = await watch(`/v1/tenants/${customer.tenantId}/events`, customer.owner);
    const slow = await api.registry.admin.connect();
    try {
      await slow.query('begin');
      await appendEvent(slow, early, 'written.first');
      await appendEvent(api.registry.admin, late, 'written.second');
      // The second one is committed, and held back, because the first one's transaction is older and still open.
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(written(stream)).toEqual([]);
      await slow.query('commit');
    } finally {
      slow.release();
    }
    while (written(stream).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written(stream).map(({ kind }) => kind)).toEqual(['written.first', 'written.second']);
    const [first] = written(stream);
    stream.request.destroy();
    await stream.ended;

    const resumed = await watch(`/v1/tenants/${customer.tenantId}/events`, customer.owner, first!.id);
    while (written(resumed).length < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written(resumed).map(({ kind }) => kind)).toEqual(['written.second']);
    resumed.request.destroy();
    await resumed.ended;
  });

  it('tells nothing of other tenants', async () => {
    const other = await aCustomer(api);
    const stream = await watch(`/v1/tenants/${other.tenantId}/events`, other.owner);
    await appendEvent(api.registry.admin, await aRun(), 'run.started');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(stream.events()).toEqual([]);
    stream.request.destroy();
    await stream.ended;
  });
});

describe('the end of the process', () => {
  it('does not wait for those who watch', async () => {
    const second = await api.another();
    await second.listen(0, '127.0.0.1');
    const here = url;
    url = (await second.getUrl()).replace('[::1]', '127.0.0.1');
    const stream = await watch(`/v1/operations/${await aRun()}/events`, customer.owner);
    url = here;
    await stream.has(1);
    const began = Date.now();
    await second.close();
    await stream.ended;
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});
