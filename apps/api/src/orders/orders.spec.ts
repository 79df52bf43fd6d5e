import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { consentStates } from '@groundcrew/domain';
import { createSealer, partContext } from '@groundcrew/persistence';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { aCustomer, startApi, type CallOptions, type TestApi } from '../../../../test/support/api.js';

const sealingKey = randomBytes(32);
let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
const device = { manufacturer: 'Contoso', model: 'Book', serialNumber: 'S1', hardwareIdentifier: 'AAAA' };
const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ ...device, serialNumber: `S${index}` })).join('\n');

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_SEALING_KEY: sealingKey.toString('base64') });
});
beforeEach(async () => {
  customer = await aCustomer(api);
});
afterAll(() => api.close());

const submit = (options: CallOptions, query = '') =>
  api.call('POST', `/v1/partners/${customer.partnerId}/orders${query}`, { token: customer.pipeline, ...options });
const submitLines = (body: string, type = 'application/jsonl', more = '') =>
  submit({ body, headers: { 'content-type': type } }, `?tenantId=${customer.tenantId}${more}`);

/** What was kept of an order, opened. */
async function keptOf(runId: string) {
  const { rows } = await api.registry.admin.query<{
    number: number;
    first_line: number;
    line_count: number;
    body: Buffer;
  }>('select number, first_line, line_count, body from registry.intake_part where intake_id = $1 order by number', [
    runId,
  ]);
  const sealer = createSealer(sealingKey);
  return rows.map(({ number, first_line, line_count, body }) => ({
    number,
    firstLine: first_line,
    lineCount: line_count,
    text: sealer.open(body, partContext(runId, number)).toString(),
  }));
}

async function nothingIsLeft() {
  const { rows } = await api.registry.admin.query<{ count: string }>(
    `select (select count(*) from registry.intake where not accepted)
       + (select count(*) from registry.idempotency_key where state = 'open') as count`,
  );
  return rows[0]!.count === '0';
}

describe('an order', () => {
  it('as JSON is answered with its monitor, and everything that will make it run is there', async () => {
    const { status, headers, body } = await submit({
      body: { tenantId: customer.tenantId, purchaseOrderIdentifier: 'PO-1', devices: [device, 7, null, {}] },
    });
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { status: 'NotStarted', done: false, received: 4, decided: 0, tenantId: customer.tenantId },
    });
    expect(headers['operation-location']).toBe(`http://groundcrew.test/v1/operations/${body.id}`);
    expect(headers['location']).toBe(`http://groundcrew.test/v1/partners/${customer.partnerId}/orders/${body.orderId}`);
    expect(headers['retry-after']).toBe('1');
    expect(await keptOf(body.id)).toEqual([
      { number: 1, firstLine: 1, lineCount: 4, text: `${JSON.stringify(device)}\n7\nnull\n{}\n` },
    ]);
    const { rows } = await api.registry.admin.query(
      `select r.task_queue, r.chunk_count, r.source_format, r.defaults, e.kind, o.topic, c.line_count, a.action, i.accepted
       from registry.run r join registry.run_event e on e.run_id = r.id join registry.outbox o on o.run_id = r.id
       join registry.run_chunk c on c.run_id = r.id join registry.intake i on i.id = r.id
       join registry.audit_event a on a.tenant_id = r.tenant_id where r.id = $1`,
      [body.id],
    );
    expect(rows).toEqual([
      {
        task_queue: 'interactive',
        chunk_count: 1,
        source_format: 'json',
        defaults: { purchaseOrderIdentifier: 'PO-1' },
        kind: 'run.accepted',
        topic: 'start_run',
        line_count: 4,
        action: 'order.accepted',
        accepted: true,
      },
    ]);
  });

  it('as JSON Lines is cut into parts of 1,000 rows that keep their line numbers', async () => {
    const text = `\n\n${lines(1_000)}\n\n${lines(1)}\r\n`;
    const { status, body } = await submitLines(text);
    expect({ status, received: body.received }).toEqual({ status: 202, received: 1_001 });
    expect(await keptOf(body.id)).toMatchObject([
      { number: 1, firstLine: 3, lineCount: 1_000 },
      { number: 2, firstLine: 1_004, lineCount: 1 },
    ]);
    const { rows } = await api.registry.admin.query('select task_queue, body_digest from registry.run where id = $1', [
      body.id,
    ]);
    expect(rows[0]).toEqual({ task_queue: 'bulk', body_digest: createHash('sha256').update(text).digest() });
  });

  it('as CSV keeps its header apart, without the byte order mark', async () => {
    const header = 'Device Serial Number,Colour,"HARDWARE HASH"';
    const { status, body } = await submitLines(`\uFEFF${header}\r\nS1,red,AAAA\r\n`, 'text/csv', '&groupTag=Kiosk');
    expect(status).toBe(202);
    expect(await keptOf(body.id)).toEqual([{ number: 1, firstLine: 2, lineCount: 1, text: 'S1,red,AAAA\r\n' }]);
    const { rows } = await api.registry.admin.query('select csv_header, defaults from registry.run where id = $1', [
      body.id,
    ]);
    expect(rows[0]).toEqual({ csv_header: header, defaults: { groupTag: 'Kiosk' } });
  });

  it('with one endless line is taken; the line is cut, so that it is refused as a row', async () => {
    const { status, body } = await submitLines(`${'x'.repeat(300_000)}\n${lines(1)}`);
    expect({ status, received: body.received }).toEqual({ status: 202, received: 2 });
    const [part] = await keptOf(body.id);
    expect(part!.text.split('\n')[0]).toHaveLength(64 * 1024);
  });

  it('has a name where its sender gives it one: once for a customer, and it is found by it', async () => {
    const batchId = 'Spring 2027';
    const first = await submitLines(lines(1), 'application/jsonl', `&batchId=${encodeURIComponent(batchId)}`);
    expect(first.status).toBe(202);
    const again = await submit({ body: { tenantId: customer.tenantId, batchId, devices: [device] } });
    expect(again).toMatchObject({ status: 409, body: { code: 'order.batch-exists' } });
    const only = { tenantId: customer.tenantId, batchId, devices: [device], validateOnly: true };
    expect(await submit({ body: only })).toMatchObject({ status: 202, body: { validateOnly: true, orderId: null } });
    const list = (query: string) =>
      api.call('GET', `/v1/partners/${customer.partnerId}/orders${query}`, { token: customer.pipeline });
    const named = await list(`?batchId=${encodeURIComponent(batchId)}&tenantId=${customer.tenantId}`);
    expect(named.body.value).toMatchObject([{ id: first.body.orderId, batchId }]);
    const before = (await list(`?tenantId=${customer.tenantId}&maxpagesize=500`)).body.value;
    const asked = await submitLines(lines(1), 'application/jsonl', '&validateOnly=true');
    expect(asked.body.orderId).toBeNull();
    expect((await list(`?tenantId=${customer.tenantId}&maxpagesize=500`)).body.value).toEqual(before);
    expect((await list(`?batchId=Autumn`)).body.value).toEqual([]);
    expect((await list(`?tenantId=${randomUUID()}`)).body.value).toEqual([]);
  });

  /** Devices as a run leaves them behind, the first of which were seen since. */
  async function registeredOf(runId: string, count: number, seen: number): Promise<void> {
    for (let line = 1; line <= count; line += 1) {
      const id = randomUUID();
      await api.registry.admin.query(
        `insert into registry.device (tenant_id, id, registrar_kind, registrar_id, source_run_id, source_line, hash_level)
         values ($1, $2, 'partner', $3, $4, $5, 'full')`,
        [customer.tenantId, id, customer.partnerId, runId, line],
      );
      await api.registry.admin.query(
        `insert into registry.run_item (run_id, line, tenant_id, verdict, device_id) values ($1, $2, $3, 'registered', $4)`,
        [runId, line, customer.tenantId, id],
      );
      if (line <= seen)
        await api.registry.admin.query(
          'insert into registry.device_first_seen (tenant_id, device_id, seen_at) values ($1, $2, now())',
          [customer.tenantId, id],
        );
    }
  }

  it('is found again by its partner, and by nobody else', async () => {
    const { body } = await submit({ body: { tenantId: customer.tenantId, devices: [device] } });
    const address = `/v1/partners/${customer.partnerId}/orders/${body.orderId}`;
    const found = await api.call('GET', address, { token: customer.pipeline });
    expect(found.body).toMatchObject({ id: body.orderId, operations: [body.id] });
    const list = await api.call('GET', `/v1/partners/${customer.partnerId}/orders`, { token: customer.pipeline });
    // What was shipped and what came of it is counted for one order at a time.
    const { reconciliation, ...listed } = found.body;
    expect(reconciliation).toEqual({ shipped: 1, accepted: 0, registered: 0, firstSeen: 0 });
    expect(list.body.value).toEqual([listed]);
    await registeredOf(body.id, 2, 1);
    const later = await api.call('GET', address, { token: customer.pipeline });
    expect(later.body.reconciliation).toEqual({ shipped: 1, accepted: 0, registered: 2, firstSeen: 1 });
    const other = await aCustomer(api);
    expect((await api.call('GET', address, { token: other.pipeline })).status).toBe(404);
    for (const suffix of ['', '/items', '/steps', '/events']) {
      const run = `/v1/operations/${body.id}${suffix}`;
      const { status, body: problem } = await api.call('GET', run, { token: other.owner });
      expect({ status, code: problem.code }).toEqual({ status: 404, code: 'operation.not-found' });
      expect((await api.call('GET', run, { token: other.pipeline })).status).toBe(404);
    }
  });

  it('shows operators the run in Temporal’s own UI, and nobody else', async () => {
    const { body } = await submit({ body: { tenantId: customer.tenantId, devices: [device] } });
    const operator = await api.issuer.tokenOf('Operator', customer.tenantId);
    const seen = await api.call('GET', `/v1/operations/${body.id}`, { token: operator });
    expect(seen.body.links.temporal).toBe(
      `http://temporal.test/namespaces/default/workflows/registration_order%2F${body.id}`,
    );
    const own = await api.call('GET', `/v1/operations/${body.id}`, { token: customer.owner });
    expect(own.body.links.temporal).toBeUndefined();
  });
});

describe('an order is refused', () => {
  const json = { 'content-type': 'application/json' };
  const refusals: [string, number, string, () => ReturnType<typeof submit>][] = [
    ['that is not JSON', 400, 'body.malformed-json', () => submit({ body: '{"devices": [}', headers: json })],
    ['that breaks off', 400, 'body.malformed-json', () => submit({ body: '{"devices": [', headers: json })],
    ['that is empty', 400, 'body.malformed-json', () => submit({ body: '', headers: json })],
    ['without a tenant', 400, 'body.invalid', () => submit({ body: { devices: [device] } })],
    [
      'with a property nobody knows',
      400,
      'body.invalid',
      () => submit({ body: { tenantId: customer.tenantId, devices: [device], priority: 1 } }),
    ],
    ['without devices', 400, 'order.empty', () => submit({ body: { tenantId: customer.tenantId, devices: [] } })],
    ['of blank lines', 400, 'order.empty', () => submitLines('\n \r\n\t\n')],
    ['of a header alone', 400, 'order.empty', () => submitLines('Hardware Hash\n', 'text/csv')],
    ['whose header has no identity', 400, 'order.csv-header', () => submitLines('Model,Group Tag\na,b\n', 'text/csv')],
    [
      'whose header names a column twice',
      400,
      'order.csv-header',
      () => submitLines('Hardware Hash,hardwarehash\na,b\n', 'text/csv'),
    ],
    [
      'of JSON Lines without a tenant',
      400,
      'parameter.invalid',
      () => submit({ body: lines(1), headers: { 'content-type': 'application/jsonl' } }),
    ],
    [
      'of JSON whose tenant stands in the address',
      400,
      'parameter.invalid',
      () => submit({ body: { tenantId: customer.tenantId, devices: [device] } }, `?tenantId=${customer.tenantId}`),
    ],
    ['as XML', 415, 'body.media-type', () => submitLines('<order/>', 'application/xml')],
    ['of no type', 415, 'body.media-type', () => submit({})],
    [
      'that is compressed',
      415,
      'body.content-encoding',
      () =>
        submit(
          { body: lines(1), headers: { 'content-type': 'application/jsonl', 'content-encoding': 'gzip' } },
          `?tenantId=${customer.tenantId}`,
        ),
    ],
    [
      'for a tenant nobody knows',
      404,
      'tenant.not-found',
      () => submit({ body: { tenantId: randomUUID(), devices: [device] } }),
    ],
    [
      'for a tenant that never consented',
      403,
      'consent.missing',
      async () => submit({ body: { tenantId: await api.registry.aTenant(), devices: [device] } }),
    ],
    [
      'whose digest is another',
      400,
      'body.digest-mismatch',
      () =>
        submit({
          body: { tenantId: customer.tenantId, devices: [device] },
          headers: { 'content-digest': `sha-256=:${createHash('sha256').update('other').digest('base64')}:` },
        }),
    ],
  ];
  it.each(refusals)('%s (%i %s), and leaves nothing behind', async (_, status, code, attempt) => {
    const answer = await attempt();
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(await nothingIsLeft()).toBe(true);
  });

  it.each(consentStates.filter((state) => state !== 'granted'))('while the consent is %s', async (state) => {
    const tenantId = await api.registry.aTenant();
    await api.registry.aConsent(tenantId, customer.partnerId, state);
    const { status, body } = await submit({ body: { tenantId, devices: [device] } });
    const code = state === 'requested' ? 'consent.pending' : `consent.${state}`;
    expect({ status, code: body.code }).toEqual({ status: 403, code });
  });

  it.each(['suspended', 'ended'])('of a partner that is %s', async (partnerStatus) => {
    await api.registry.admin.query('update registry.partner set status = $2 where id = $1', [
      customer.partnerId,
      partnerStatus,
    ]);
    const { status, body } = await submitLines(lines(1));
    expect({ status, code: body.code }).toEqual({ status: 403, code: `partner.${partnerStatus}` });
  });

  it('as JSON of more than 8 MB, with the way that takes it', async () => {
    const { status, body } = await submit({
      body: { tenantId: customer.tenantId, devices: [{ model: 'x'.repeat(8 * 1024 * 1024) }] },
    });
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'body.too-large' });
    expect(body.detail).toContain('application/jsonl');
  });

  it('with the place where it stops being JSON', async () => {
    const { body } = await submit({ body: '{\n"tenantId" 1}', headers: json });
    expect(body.detail).toContain('line 2');
  });
});
