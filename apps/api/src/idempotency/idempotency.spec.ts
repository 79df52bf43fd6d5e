import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let url: string;
let customer: Awaited<ReturnType<typeof aCustomer>>;
const row = `${JSON.stringify({ manufacturer: 'Contoso', model: 'Book', serialNumber: 'S1', hardwareIdentifier: 'AAAA' })}\n`;

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_INTAKE_LEASE_SECONDS: '2' });
  customer = await aCustomer(api);
  url = await api.listen();
});
afterAll(() => api.close());

const order = (key: string | null, body = row, more = '') =>
  api.call('POST', `/v1/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}${more}`, {
    token: customer.pipeline,
    key,
    body,
    headers: { 'content-type': 'application/jsonl' },
  });

/** An upload over a socket that goes on until it is ended or cut. */
function upload(key: string, headers: Record<string, string> = {}): { sent: ClientRequest; answer: Promise<Answered> } {
  const sent = request(`${url}/v1/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${customer.pipeline}`,
      'idempotency-key': key,
      'content-type': 'application/jsonl',
      ...headers,
    },
  });
  const answer = new Promise<Answered>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) as { code?: string } }));
    });
  });
  answer.catch(() => undefined);
  return { sent, answer };
}
interface Answered {
  status: number;
  body: { code?: string; id?: string; received?: number };
}

async function eventually<Value>(look: () => Promise<Value>, good: (value: Value) => boolean): Promise<Value> {
  const until = Date.now() + 15_000;
  for (;;) {
    const value = await look();
    if (good(value) || Date.now() > until) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
const rowsOf = async (sql: string, values: unknown[]) => (await api.registry.admin.query(sql, values)).rows;
const keyState = (key: string) =>
  rowsOf('select state, lease_until from registry.idempotency_key where key = $1', [key]);
const partsOf = (key: string) =>
  rowsOf(
    `select p.number from registry.intake_part p join registry.intake i on i.id = p.intake_id
     where not i.accepted and i.principal = (select principal from registry.idempotency_key where key = $1)`,
    [key],
  );

describe('a key', () => {
  it('with the same body gives the first answer again', async () => {
    const key = randomUUID();
    const first = await order(key);
    const again = await order(key);
    expect(first.status).toBe(202);
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(again.headers['operation-location']).toBe(first.headers['operation-location']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await rowsOf('select id from registry.run where order_id = $1', [first.body.orderId])).toHaveLength(1);
  });

  it('gives the first answer even after the consent is gone', async () => {
    const other = await aCustomer(api);
    const key = randomUUID();
    const send = () =>
      api.call('POST', `/v1/partners/${other.partnerId}/orders?tenantId=${other.tenantId}`, {
        token: other.pipeline,
        key,
        body: row,
        headers: { 'content-type': 'application/jsonl' },
      });
    const first = await send();
    await api.registry.admin.query(`update registry.consent set state = 'revoked' where tenant_id = $1`, [
      other.tenantId,
    ]);
    expect(await send()).toMatchObject({ status: 202, body: { id: first.body.id } });
  });

  it('with another body is refused, and so it is for another address', async () => {
    const key = randomUUID();
    await order(key);
    for (const attempt of [() => order(key, row + row), () => order(key, row, '&groupTag=Kiosk')]) {
      const { status, body } = await attempt();
      expect({ status, code: body.code }).toEqual({ status: 422, code: 'idempotency.key-reused' });
    }
  });

  it('belongs to the caller: another one may use the same', async () => {
    const other = await aCustomer(api);
    const key = randomUUID();
    await order(key);
    const { status } = await api.call('POST', `/v1/partners/${other.partnerId}/orders?tenantId=${other.tenantId}`, {
      token: other.pipeline,
      key,
      body: row,
      headers: { 'content-type': 'application/jsonl' },
    });
    expect(status).toBe(202);
  });

  it('is required', async () => {
    const { status, body } = await order(null);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'idempotency.key-missing' });
  });

  it.each(['two words', 'x'.repeat(256)])('is refused when it is "%s"', async (key) => {
    const { status, body } = await order(key);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'idempotency.key-invalid' });
  });

  it('is free again after a refusal', async () => {
    const key = randomUUID();
    expect((await order(key, '\n')).status).toBe(400);
    expect(await keyState(key)).toEqual([]);
    expect((await order(key)).status).toBe(202);
  });

  it('that two calls bring at once is one operation', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => order(key)));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(new Set(accepted.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status !== 202).every(({ status }) => status === 409)).toBe(true);
  });

  it('that is old is forgotten', async () => {
    const key = randomUUID();
    const first = await order(key);
    await api.registry.admin.query(`update registry.idempotency_key set expires_at = now() where key = $1`, [key]);
    const second = await order(key, row + row);
    expect(second.status).toBe(202);
    expect(second.body.id).not.toBe(first.body.id);
  });
});

describe('an upload', () => {
  it('holds its key while it lasts, however long, and is one operation in the end', async () => {
    const key = randomUUID();
    const { sent, answer } = upload(key);
    sent.write(row.repeat(1_500));
    await eventually(
      () => partsOf(key),
      (parts) => parts.length === 1,
    );
    const [held] = await keyState(key);
    // Longer than the lease: it must have been renewed.
    await eventually(
      () => keyState(key),
      ([now]) => now.lease_until - held.lease_until > 2_000,
    );
    const { status, body, headers } = await order(key, row.repeat(2_000));
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'idempotency.in-progress' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    sent.end(row.repeat(500));
    const accepted = await answer;
    expect({ status: accepted.status, received: accepted.body.received }).toEqual({ status: 202, received: 2_000 });
    expect((await order(key, row.repeat(2_000))).body.id).toBe(accepted.body.id);
  });

  it('that breaks off frees the key and leaves nothing', async () => {
    const key = randomUUID();
    const { sent, answer } = upload(key, { 'content-length': String(row.length * 9_000) });
    sent.write(row.repeat(1_500));
    await eventually(
      () => partsOf(key),
      (parts) => parts.length === 1,
    );
    sent.destroy();
    await expect(answer).rejects.toThrow();
    expect(
      await eventually(
        () => keyState(key),
        (state) => state.length === 0,
      ),
    ).toEqual([]);
    expect(await rowsOf('select id from registry.intake where not accepted', [])).toEqual([]);
    expect((await order(key)).status).toBe(202);
  });

  it('that is refused early is answered, although most of it was never read', async () => {
    const { sent, answer } = upload(randomUUID(), { 'content-type': 'text/csv' });
    sent.on('error', () => undefined);
    sent.write('Colour\n');
    const { status, body } = await answer;
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'order.csv-header' });
    sent.destroy();
  });

  it('of a process that died is taken over when its lease is over', async () => {
    const key = randomUUID();
    const principal = `application:${customer.directoryTenantId}:7c1f0e52-9a7b-4d43-8a55-0d6e9f1b2c3a`;
    const address = `/v1/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}`;
    await api.registry.admin.query(
      `insert into registry.idempotency_key (principal, key, operation, claim, lease_until, expires_at)
       values ($1, $2, $3, gen_random_uuid(), now() + interval '1 second', now() + interval '7 days')`,
      [principal, key, `POST ${address} jsonl`],
    );
    expect((await order(key)).status).toBe(409);
    const taken = await eventually(
      () => order(key),
      ({ status }) => status !== 409,
    );
    expect(taken.status).toBe(202);
  });

  it('that lost its key to another call accepts nothing', async () => {
    const key = randomUUID();
    const { sent, answer } = upload(key);
    sent.write(row.repeat(1_500));
    await eventually(
      () => partsOf(key),
      (parts) => parts.length === 1,
    );
    await api.registry.admin.query('update registry.idempotency_key set claim = gen_random_uuid() where key = $1', [
      key,
    ]);
    sent.end();
    const { status, body } = await answer;
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'idempotency.lease-lost' });
    expect(await rowsOf('select id from registry.intake where not accepted', [])).toEqual([]);
    await api.registry.admin.query('delete from registry.idempotency_key where key = $1', [key]);
  });

  it('that stands still is ended', async () => {
    const impatient = await startApi({ GROUNDCREW_UPLOAD_STALL_SECONDS: '0.2' });
    try {
      const its = await aCustomer(impatient);
      const address = await impatient.listen();
      const sent = request(`${address}/v1/partners/${its.partnerId}/orders?tenantId=${its.tenantId}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${its.pipeline}`,
          'idempotency-key': 'slow',
          'content-type': 'application/jsonl',
        },
      });
      sent.on('error', () => undefined);
      sent.write(row);
      const left = await eventually(
        async () => (await impatient.registry.admin.query('select 1 from registry.intake')).rows,
        (rows) => rows.length === 1,
      );
      expect(left).toHaveLength(1);
      const after = await eventually(
        async () => (await impatient.registry.admin.query('select 1 from registry.idempotency_key')).rows,
        (rows) => rows.length === 0,
      );
      expect(after).toEqual([]);
      sent.destroy();
    } finally {
      await impatient.close();
    }
  });
});
