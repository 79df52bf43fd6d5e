import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createSealer,
  loadOpenChunk,
  partContext,
  registerChunk,
  settleChunk,
  sweepAbandoned,
  type Sealer,
} from '@groundcrew/persistence';
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';
import { aDevice, digests, hashOf } from '../../../../test/support/hardware.js';
import { decideChunk } from '../../../worker/src/registration/decide-chunk.js';

const sealingKey = randomBytes(32);
let api: TestApi;
let worker: pg.Pool;
let sealer: Sealer;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let administrator: string;

beforeAll(async () => {
  api = await startApi({ GROUNDCREW_SEALING_KEY: sealingKey.toString('base64') });
  worker = new pg.Pool({ connectionString: api.database.urls.worker, max: 2 });
  sealer = createSealer(sealingKey);
  customer = await aCustomer(api);
  administrator = await api.issuer.tokenOf('Device.Administrator', customer.tenantId);
});
afterAll(async () => {
  await worker.end();
  await api.close();
});

/** Sends a file and does to its one chunk what the worker does; the directory refuses these lines. */
async function processed(
  body: string,
  options: { type?: string; refused?: number[]; validateOnly?: boolean } = {},
): Promise<string> {
  const sent = await api.call(
    'POST',
    `/v1/tenants/${customer.tenantId}/imports${options.validateOnly === true ? '?validateOnly=true' : ''}`,
    {
      token: administrator,
      body,
      headers: { 'content-type': options.type ?? 'text/csv' },
    },
  );
  expect(sent.status).toBe(202);
  const key = { runId: sent.body.id as string, tenantId: customer.tenantId, chunk: 1 };
  const open = (await loadOpenChunk(worker, key))!;
  const part = sealer.open(open.sealedBody, partContext(key.runId, 1));
  // Administrators name devices by their hash: nobody asks what makers have on file.
  const decision = await decideChunk(open, part, { sealer, digests, nowMs: Date.now() }, async () => []);
  await registerChunk(worker, key, decision, sealer);
  const { rows } = await api.registry.admin.query<{ id: string; source_line: number }>(
    'select id, source_line from registry.device where source_run_id = $1',
    [key.runId],
  );
  const isRefused = (line: number) => options.refused?.includes(line) ?? false;
  await settleChunk(
    worker,
    key,
    {
      objects: new Map(rows.filter((row) => !isRefused(row.source_line)).map(({ id }) => [id, id])),
      refused: new Map(rows.filter((row) => isRefused(row.source_line)).map(({ id }) => [id, 'already_joined'])),
    },
    sealer,
  );
  return key.runId;
}
const download = (runId: string, token = administrator) =>
  api.call('GET', `/v1/operations/${runId}/failedRows`, { token });
const verdictsOf = async (runId: string) =>
  (
    await api.registry.admin.query('select line, verdict from registry.run_item where run_id = $1 order by line', [
      runId,
    ])
  ).rows;

const header = 'Colour,Device Serial Number,Hardware Hash,Group Tag';
const hash = (seed: number) => hashOf(aDevice(seed));

describe('the failed rows of an import', () => {
  it('come back with the columns as they were sent, code and fix, and can be mended and sent again', async () => {
    const [good, mended, refused] = [hash(7_001), hash(7_002), hash(7_003)];
    const runId = await processed(
      [
        header,
        `red,S1,${good},K`,
        `=red,S2,${mended.slice(0, 40)},-K`,
        `blue,S3,,K`,
        `"x,S4`,
        `green,S5,${refused},@K`,
      ].join('\r\n'),
      { refused: [6] },
    );
    const { status, headers, text } = await download(runId);
    expect(status).toBe(200);
    expect(headers['content-disposition']).toBe(`attachment; filename="failed-rows-${runId}.csv"`);
    const lines = text.split('\r\n');
    expect(lines[0]).toBe(`${header},Code,Fix`);
    expect(lines[1]).toMatch(/^'=red,S2,[^,]+,'-K,hash_invalid hash\.\S+ 802,.*Capture the hardware hash again/);
    expect(lines[2]).toMatch(/^blue,S3,,K,hash_invalid hash\.missing 802,/);
    expect(lines[3]).toMatch(/^"""x,S4",,,,malformed csv\.unterminated-quote 801,/);
    expect(lines[4]).toBe(
      `green,S5,${refused},'@K,already_joined 814,The directory knows the device as joined already; its registration was undone. Remove it from management first.`,
    );
    expect(lines.slice(5)).toEqual(['']);

    const again = lines.slice(0, 2).join('\r\n').replace(mended.slice(0, 40), mended);
    const second = await processed(`${again}\r\n${lines[4]}`);
    expect(await verdictsOf(second)).toEqual([
      { line: 2, verdict: 'registered' },
      { line: 3, verdict: 'registered' },
    ]);
    const { rows } = await api.registry.admin.query(
      'select group_tag from registry.device where source_run_id = $1 order by source_line',
      [second],
    );
    expect(rows).toEqual([{ group_tag: '-K' }, { group_tag: '@K' }]);
  });

  it('that came as JSON Lines come under the usual names', async () => {
    const bad = JSON.stringify({ hardwareIdentifier: 'QUJD', groupTag: '=K', serialNumber: 7 });
    const runId = await processed(`${bad}\nno json\n`, { type: 'application/jsonl' });
    const lines = (await download(runId)).text.split('\r\n');
    expect(lines[0]).toMatch(/^Manufacturer name,Device model,Device Serial Number,.*,Code,Fix$/);
    expect(lines[1]).toMatch(/^,,7,,QUJD,'=K,,,,malformed 801,/);
    expect(lines[2]).toMatch(/^no json,,/);
  });

  it('are fetched by whoever sent them and by nobody else, and each time is on record', async () => {
    const runId = await processed(`${header}\nred,S1,QUJD,K\n`);
    await download(runId);
    await download(runId);
    const audited = await api.registry.admin.query(
      `select actor from registry.audit_event where object = $1 and action = 'failed-rows.downloaded'`,
      [`run/${runId}`],
    );
    expect(audited.rows).toHaveLength(2);
    const colleague = await api.issuer.tokenOf('Tenant.Owner', customer.tenantId, randomUUID());
    expect(await download(runId, colleague)).toMatchObject({
      status: 403,
      body: { code: 'failed-rows.sender-only' },
    });
    expect(await download(runId, customer.pipeline)).toMatchObject({
      status: 404,
      body: { code: 'operation.not-found' },
    });
    const operator = await api.issuer.tokenOf('Operator', customer.tenantId);
    expect(await download(runId, operator)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
  });

  it('lie sealed, do not hold what was registered, and are swept after their time', async () => {
    const runId = await processed(`${header}\nred,READABLE,QUJDREVGREADABLE,K\nred,S2,${hash(7_004)},K\n`);
    const { rows } = await api.registry.admin.query<{ lines: number[]; sealed: Buffer; days: number }>(
      `select lines, sealed, round(extract(epoch from expires_at - now()) / 86400)::int as days from registry.failed_rows where run_id = $1`,
      [runId],
    );
    expect(rows).toMatchObject([{ lines: [2], days: 30 }]);
    expect(rows[0]!.sealed.includes('READABLE')).toBe(false);

    await api.registry.admin.query(`update registry.failed_rows set expires_at = now() where run_id = $1`, [runId]);
    await api.registry.admin.query(`update registry.run set finished_at = now() - interval '31 days' where id = $1`, [
      runId,
    ]);
    const relay = new pg.Pool({ connectionString: api.database.urls.relay, max: 1 });
    await sweepAbandoned(relay);
    await relay.end();
    const left = await api.registry.admin.query('select 1 from registry.failed_rows where run_id = $1', [runId]);
    expect(left.rows).toEqual([]);
    expect(await download(runId)).toMatchObject({ status: 410, body: { code: 'failed-rows.gone' } });
  });

  it('are there also for rows that are registered already, and where only verdicts were asked for', async () => {
    const own = hash(7_005);
    const body = `${header}\nred,S1,${own},K\n`;
    await processed(body);
    const again = (await download(await processed(body))).text.split('\r\n');
    expect(again).toHaveLength(3);
    expect(again[1]!.startsWith(`red,S1,${own},K,already_registered 806,Nothing: `)).toBe(true);

    const asked = await processed(`${body}blue,S2,QUJD,=K\ngreen,S3,${hash(7_006)},K\n`, { validateOnly: true });
    expect(await verdictsOf(asked)).toEqual([
      { line: 2, verdict: 'already_registered' },
      { line: 3, verdict: 'hash_invalid' },
      { line: 4, verdict: 'would_register' },
    ]);
    const rows = (await download(asked)).text.split('\r\n');
    expect(rows.slice(1)).toEqual([again[1], expect.stringMatching(/^blue,S2,QUJD,'=K,hash_invalid/), '']);
  });
});
