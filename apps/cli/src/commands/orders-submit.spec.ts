import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFinishedRun, aRun, partnerId, runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers, early, hangsUp, refuses, streams } from '../testing/scripted-service.js';

const orders = `POST /v1/partners/${partnerId}/orders`;
const monitor = `GET /v1/operations/${runId}`;
const events = `GET /v1/operations/${runId}/events`;
const event = (seq: number) => `id: ${seq}\ndata: {"seq":${seq}}\n\n`;
const accepted = answers(202, aRun({ status: 'NotStarted' }));

describe('submitting an order', () => {
  const service = new ScriptedService();
  let folder: string;
  let jsonl: string;

  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
    folder = await mkdtemp(join(tmpdir(), 'groundcrew-cli-'));
    jsonl = join(folder, 'order.jsonl');
    await writeFile(jsonl, '{"serialNumber":"S1"}\n{"serialNumber":"S2"}\n');
  });

  afterEach(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  const submit = (file: string, ...more: string[]) =>
    cli(service, ['orders', 'submit', file, '--partner', partnerId, '--tenant', tenantId, ...more]);

  it('streams JSON Lines as they are, with the terms in the query and a key that is printed', async () => {
    service.plays(orders, accepted);
    const { exitCode, stdout } = await submit(jsonl, '--purchase-order', 'PO 1', '--group-tag', 'Kiosk');
    expect(exitCode).toBe(0);
    const [seen] = service.at(orders);
    expect(seen).toMatchObject({
      query: { tenantId, purchaseOrderIdentifier: 'PO 1', groupTag: 'Kiosk' },
      body: '{"serialNumber":"S1"}\n{"serialNumber":"S2"}\n',
    });
    expect(seen?.headers).toMatchObject({
      'content-type': 'application/jsonl',
      'transfer-encoding': 'chunked',
      authorization: 'Bearer a-token',
    });
    expect(stdout).toContain(`--key ${String(seen?.headers['idempotency-key'])})`);
    expect(stdout).toContain(`Accepted as run ${runId}: 10 rows`);
  });

  it.each([
    ['order.csv', [], 'text/csv'],
    ['order.ndjson', [], 'application/jsonl'],
    ['order.txt', ['--format', 'csv'], 'text/csv'],
  ])('sends %s %j as %s', async (name, options, contentType) => {
    service.plays(orders, accepted);
    await writeFile(join(folder, name), 'x\n');
    expect(await submit(join(folder, name), ...options)).toMatchObject({ exitCode: 0 });
    expect(service.at(orders)[0]?.headers['content-type']).toBe(contentType);
  });

  it.each([['{"groupTag":"Old","devices":[{"serialNumber":"S1"}]}'], ['[{"serialNumber":"S1"}]']])(
    'puts the terms of the command line into the JSON document %s',
    async (text) => {
      service.plays(orders, accepted);
      await writeFile(join(folder, 'order.json'), text);
      await submit(join(folder, 'order.json'), '--group-tag', 'Kiosk');
      expect(JSON.parse(service.at(orders)[0]!.body)).toEqual({
        tenantId,
        groupTag: 'Kiosk',
        devices: [{ serialNumber: 'S1' }],
      });
    },
  );

  it('says to use JSON Lines before it sends a JSON document above 8 MB', async () => {
    const large = join(folder, 'order.json');
    await writeFile(large, '[');
    await truncate(large, 8 * 1024 * 1024 + 1);
    const { exitCode, stderr } = await submit(large);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('JSON Lines');
    expect(service.seen).toEqual([]);
  });

  it('does not quote the text around a fault in a JSON file: it may be a hash', async () => {
    await writeFile(join(folder, 'order.json'), '{"devices":[{"hardwareIdentifier":T0FKSECRETHASH}]}');
    const { exitCode, stdout, stderr } = await submit(join(folder, 'order.json'));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not JSON');
    expect(stdout + stderr).not.toMatch(/T0FK|SECRET/);
  });

  it('refuses a file that is an order for another tenant', async () => {
    await writeFile(join(folder, 'order.json'), JSON.stringify({ tenantId: partnerId, devices: [] }));
    expect(await submit(join(folder, 'order.json'))).toMatchObject({ exitCode: 2 });
    expect(service.seen).toEqual([]);
  });

  it('sends again with the same key after 503, after a cut connection, and while the first call is open', async () => {
    service.plays(
      orders,
      refuses(503, 'service.unavailable', 'Not now.', { headers: { 'retry-after': '1' } }),
      early(hangsUp),
      refuses(409, 'idempotency.in-progress', 'Still open.', { headers: { 'retry-after': '1' } }),
      accepted,
    );
    const begun = Date.now();
    const { exitCode, stderr } = await submit(jsonl, '--key', 'my-key');
    expect(exitCode).toBe(0);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(2_000);
    expect(stderr).toContain('Not now.); trying again in 1.0 s.');
    const sent = service.at(orders);
    expect(sent.map(({ headers }) => headers['idempotency-key'])).toEqual(['my-key', 'my-key', 'my-key', 'my-key']);
    expect(sent[3]?.body).toBe(sent[0]?.body);
  });

  it.each([
    [422, 'idempotency.key-reused'],
    [409, 'idempotency.lease-lost'],
    [400, 'body.invalid'],
  ])('does not repeat a %i %s, and shows everything that is known about it', async (status, code) => {
    const errors = [{ pointer: '/devices', code: 'invalid_type', message: 'expected a list' }];
    service.plays(orders, refuses(status, code, 'No.', { detail: 'This is why.', errors }));
    const { exitCode, stderr } = await submit(jsonl);
    expect(exitCode).toBe(2);
    expect(service.at(orders)).toHaveLength(1);
    expect(stderr).toContain('Error: No.\n  This is why.\n  at /devices: expected a list (invalid_type)');
    expect(stderr).toContain(`code ${code}, status ${status}, trace id trace-7`);
  });

  it('reads a refusal that comes before a large body is through, and stops sending', async () => {
    await truncate(jsonl, 96 * 1024 * 1024);
    service.plays(orders, early(refuses(403, 'consent.revoked', 'The tenant has revoked its authorisation.')));
    const { exitCode, stderr } = await submit(jsonl);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('consent.revoked');
  });

  it('reads a large file no faster than the service takes it', async () => {
    const size = 256 * 1024 * 1024;
    await truncate(jsonl, size);
    let memory = 0;
    service.plays(
      orders,
      early((response, seen, request) => {
        const before = process.memoryUsage().rss;
        setTimeout(() => {
          memory = process.memoryUsage().rss - before;
          request.resume().on('end', () => accepted(response, seen, request));
        }, 500);
      }),
    );
    expect(await submit(jsonl)).toMatchObject({ exitCode: 0 });
    // Buffers and the collector's own time take their part; a file read ahead would take all of it.
    expect(memory).toBeLessThan(size / 2);
  });

  it('watches to the end, and says with its exit code that rows were rejected', async () => {
    service.plays(orders, accepted);
    service.plays(events, streams(event(1) + event(2), 'stays'));
    service.plays(
      monitor,
      answers(200, aRun({ decided: 4, verdicts: { registered: 4 } })),
      answers(200, aFinishedRun(3)),
    );
    const { exitCode, stdout } = await submit(jsonl, '--watch');
    expect(exitCode).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('7 registered, 3 rejected');
    expect(stdout).toContain('Running: 4 of 10 rows, 4 registered, 0 rejected');
    expect(stdout).toMatch(/hash_invalid\s+3\s+802\s+InvalidZtdHardwareHash\s+Capture/);
  });

  it('ends with 0 where every row was registered', async () => {
    service.plays(orders, accepted).plays(events, streams('', 'stays')).plays(monitor, answers(200, aFinishedRun()));
    expect(await submit(jsonl, '--watch')).toMatchObject({ exitCode: 0 });
  });

  it('keeps standard output for the result when JSON is asked for', async () => {
    service
      .plays(orders, accepted)
      .plays(events, streams('', 'stays'))
      .plays(monitor, answers(200, aFinishedRun(1)));
    const { exitCode, stdout, stderr } = await submit(jsonl, '--watch', '--output', 'json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ id: runId, registered: 9, rejected: 1 });
    expect(stderr).toContain('Idempotency key');
  });

  it('shows a bar to a person', async () => {
    service.plays(orders, accepted).plays(events, streams(event(1), 'stays'));
    service.plays(
      monitor,
      answers(200, aRun({ decided: 5, verdicts: { registered: 5 } })),
      answers(200, aFinishedRun(1)),
    );
    const argv = ['orders', 'submit', jsonl, '--partner', partnerId, '--tenant', tenantId, '--watch'];
    const { stdout } = await cli(service, argv, { isTTY: true });
    expect(stdout).toContain('############............ 50%  Running: 5 of 10 rows');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('9 registered, 1 rejected');
  });

  it.each([false, true])('says once what a run asks while it waits, on a terminal: %j', async (isTTY) => {
    const preview = { removes: 10, of: 16 };
    const replacing = { kind: 'order_replacement', replacement: preview } as const;
    const problem = { code: 'order.replacement-asks', ...preview };
    const asking = answers(200, aRun({ ...replacing, subStatus: 'NeedsAttention', decided: 10, problem }));
    service.plays(orders, accepted).plays(events, streams(event(1) + event(2), 'stays'));
    service.plays(`${monitor}/steps`, answers(200, { value: [] }));
    // Without news it is read again after seconds: once is enough to see that it is not said twice.
    service.plays(monitor, asking, ...(isTTY ? [] : [asking]), answers(200, { ...aFinishedRun(), ...replacing }));
    const argv = ['orders', 'submit', jsonl, '--partner', partnerId, '--tenant', tenantId, '--watch'];
    const { stdout } = await cli(service, argv, { isTTY });
    expect(stdout.split("may it take away 10 of the order's 16 devices?\n")).toHaveLength(2);
    expect(stdout).toContain(`\n  groundcrew runs confirm ${runId} --reason <text>\n`);
    expect(stdout).toContain("Took away 10 of the order's 16 devices");
  });

  it('sends a large file in parts for the tenant that it is for, and one document as a whole', async () => {
    const uploadId = '44444444-4444-4444-8444-444444444444';
    const upload = { id: uploadId, state: 'open' };
    service
      .plays(`POST /v1/partners/${partnerId}/uploads`, answers(201, upload))
      .plays(`GET /v1/uploads/${uploadId}`, answers(200, upload))
      .plays(`GET /v1/uploads/${uploadId}/parts`, answers(200, { value: [] }))
      .plays(`PUT /v1/uploads/${uploadId}/parts/1`, answers(200, {}))
      .plays(`POST /v1/uploads/${uploadId}/commits`, accepted);
    const { exitCode, stdout } = await submit(jsonl, '--parts', '--key', 'my-key', '--purchase-order', 'PO 1');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(`--resume ${uploadId}`) });
    const [opened] = service.at(`POST /v1/partners/${partnerId}/uploads`);
    expect(JSON.parse(opened!.body)).toEqual({ format: 'jsonl', tenantId, purchaseOrderIdentifier: 'PO 1' });
    expect(opened!.headers['idempotency-key']).toBe('my-key/open');
    expect(service.at(`PUT /v1/uploads/${uploadId}/parts/1`)).toHaveLength(1);
    expect(JSON.parse(service.at(`POST /v1/uploads/${uploadId}/commits`)[0]!.body)).toMatchObject({ parts: 1 });
    expect(await submit(jsonl, '--resume', uploadId)).toMatchObject({ exitCode: 0 });

    const document = join(folder, 'order.json');
    await writeFile(document, '[{"serialNumber":"S1"}]');
    const refused = await submit(document, '--parts');
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout + refused.stderr).toContain('without --parts');
  });
});
