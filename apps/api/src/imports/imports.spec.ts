import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSealer, partContext } from '@groundcrew/persistence';
import { randomBytes } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

const sealingKey = randomBytes(32);
let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let administrator: string;

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_SEALING_KEY: sealingKey.toString('base64') });
  customer = await aCustomer(api);
  administrator = await api.issuer.tokenOf('Device.Administrator', customer.tenantId);
});
afterAll(() => api.close());

const send = (body: string | Buffer, type = 'text/csv', query = '', token = administrator) =>
  api.call('POST', `/v1/tenants/${customer.tenantId}/imports${query}`, {
    token,
    body,
    headers: { 'content-type': type },
  });

async function keptOf(runId: string): Promise<string> {
  const { rows } = await api.registry.admin.query<{ number: number; body: Buffer }>(
    'select number, body from registry.intake_part where intake_id = $1 order by number',
    [runId],
  );
  const sealer = createSealer(sealingKey);
  return rows.map(({ number, body }) => sealer.open(body, partContext(runId, number)).toString('utf8')).join('');
}
const correctionsOf = async (runId: string) =>
  (await api.call('GET', `/v1/operations/${runId}/corrections`, { token: administrator })).body.value;

const header = 'Device Serial Number,Windows Product ID,Hardware Hash,Group Tag';
const clean = `${header}\r\nS1,,T0Ev,Kiosk\r\nS2,,T0Ev,Küche\r\n`;

describe('an import', () => {
  it('is a run of the tenant’s own, without a partner and without an order', async () => {
    const { status, headers, body } = await send(clean, 'text/csv', '?groupTag=Sales');
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { kind: 'import', partnerId: null, orderId: null, received: 2, validateOnly: false },
    });
    expect(headers['operation-location']).toBe(`http://groundcrew.test/v1/operations/${body.id}`);
    const { rows } = await api.registry.admin.query(
      `select r.defaults, r.csv_header, o.topic, i.partner_id, a.action from registry.run r join registry.outbox o on o.run_id = r.id
       join registry.intake i on i.id = r.id join registry.audit_event a on a.tenant_id = r.tenant_id and a.object = 'run/' || r.id
       where r.id = $1`,
      [body.id],
    );
    expect(rows).toEqual([
      {
        defaults: { groupTag: 'Sales' },
        csv_header: header,
        topic: 'start_run',
        partner_id: null,
        action: 'import.accepted',
      },
    ]);
    expect(await correctionsOf(body.id)).toEqual([]);
  });

  const utf16 = (text: string, mark = '\ufeff') => Buffer.from(mark + text, 'utf16le');
  it.each([
    ['with a byte order mark', Buffer.from(`\ufeff${clean}`), ['byte-order-mark']],
    ['as UTF-16', utf16(clean), ['byte-order-mark', 'utf-16']],
    ['as UTF-16 of the other order', utf16(clean).swap16(), ['byte-order-mark', 'utf-16']],
    ['as UTF-16 without a mark', utf16(clean, ''), ['utf-16']],
    ['with line ends of old', Buffer.from(clean.replaceAll('\r\n', '\r')), ['line-ends']],
    ['below the line of a spreadsheet', Buffer.from(`sep=,\r\n${clean}`), ['separator-line']],
  ])('%s says what the clean one says, and what was changed', async (_, body, codes) => {
    const sent = await send(body);
    expect(sent.status).toBe(202);
    const kept = await keptOf(sent.body.id);
    expect(kept.replaceAll('\r', '')).toBe(clean.replaceAll('\r', '').split('\n').slice(1).join('\n'));
    const [corrected] = await correctionsOf(sent.body.id);
    expect(corrected.corrections.map(({ code }: { code: string }) => code)).toEqual(codes);
  });

  it('is read the same wherever the network cut it', async () => {
    const base = await api.listen();
    const whole = utf16(clean.replaceAll('\r\n', '\r').repeat(3));
    const answer = await fetch(`${base}/v1/tenants/${customer.tenantId}/imports`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${administrator}`,
        'content-type': 'text/csv',
        'idempotency-key': randomBytes(8).toString('hex'),
      },
      body: new ReadableStream({
        async start(controller) {
          for (const [index] of whole.entries()) {
            controller.enqueue(whole.subarray(index, index + 1));
            if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          controller.close();
        },
      }),
      duplex: 'half',
    } as RequestInit);
    const { id } = (await answer.json()) as { id: string };
    const kept = await keptOf(id);
    expect(kept).toBe(clean.replaceAll('\r\n', '\n').repeat(3).split('\n').slice(1).join('\n'));
  });

  it('of an OA3 report is one row, and a report without a hash is none', async () => {
    const xml = (inner: string) => `<?xml version="1.0"?><Key><ProductKeyID>1</ProductKeyID>${inner}</Key>`;
    const sent = await send(xml('<HardwareHash>T0EvAAAA</HardwareHash>'), 'application/xml');
    expect(sent).toMatchObject({ status: 202, body: { received: 1 } });
    expect(await keptOf(sent.body.id)).toBe('{"hardwareIdentifier":"T0EvAAAA"}\n');
    for (const other of [xml('<x/>'), '<order/>', 'no xml']) {
      expect(await send(other, 'text/xml')).toMatchObject({ status: 422, body: { code: 'import.oa3' } });
    }
  });

  it.each([
    [
      'without a column of hashes',
      'Manufacturer,Model,Serial Number\nF,B,S\n',
      'order.csv-header',
      'csv.columns-missing',
    ],
    ['with two columns of hashes', 'Hardware Hash,hardware hash\na,b\n', 'order.csv-header', 'csv.ambiguous-column'],
    [
      'in two encodings',
      Buffer.concat([Buffer.from(`${header}\nS1,,T0Ev,Küche\n`), Buffer.from('S2,,T0Ev,K\xfcche\n', 'latin1')]),
      'order.encoding',
      'csv.mixed-encodings',
    ],
    [
      'into which UTF-16 was pasted',
      Buffer.concat([Buffer.from(`${header}\n`), utf16('S1,,T0Ev,\n', '')]),
      'order.encoding',
      'csv.mixed-encodings',
    ],
  ])('%s is refused with line and code', async (_, body, code, fault) => {
    const refused = await send(body);
    expect(refused).toMatchObject({ status: 400, body: { code, errors: [{ code: fault }] } });
  });

  it('of Windows-1252 is taken as it is: each such line is noted where it is read', async () => {
    const sent = await send(Buffer.from(`${header}\nS1,,T0Ev,K\xfcche\n`, 'latin1'));
    expect(sent.status).toBe(202);
  });

  it('is an administrator’s, and nobody else’s', async () => {
    for (const role of ['HelpDesk', 'Reader', 'Auditor']) {
      const token = await api.issuer.tokenOf(role, customer.tenantId);
      expect((await send(clean, 'text/csv', '', token)).status).toBe(403);
    }
    expect((await send(clean, 'text/csv', '', customer.pipeline)).status).toBe(403);
    const stranger = await aCustomer(api);
    expect((await send(clean, 'text/csv', '', stranger.owner)).status).toBe(404);
  });

  it('for verdicts alone says so in its run', async () => {
    const { body } = await send(clean, 'text/csv', '?validateOnly=true');
    expect(body).toMatchObject({ validateOnly: true });
    expect((await send(clean, 'text/csv', '?validateOnly=perhaps')).status).toBe(400);
  });
});
