import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFinishedRun, aRun, runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers, refuses, streams, type SeenRequest } from '../testing/scripted-service.js';

const imports = `POST /v1/tenants/${tenantId}/imports`;
const uploadId = '44444444-4444-4444-8444-444444444444';
const accepted = answers(202, aRun({ kind: 'import', status: 'NotStarted' }));
const digestOf = (bytes: Buffer) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

describe('imports', () => {
  const service = new ScriptedService();
  let folder: string;
  let file: string;

  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
    folder = await mkdtemp(join(tmpdir(), 'groundcrew-cli-'));
    file = join(folder, 'devices.csv');
    await writeFile(file, 'Hardware Hash\nT0Ev\n');
  });
  afterEach(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  const submit = (path: string, ...more: string[]) =>
    cli(service, ['imports', 'submit', path, '--tenant', tenantId, ...more]);

  it.each([
    ['devices.csv', 'text/csv'],
    ['devices.xml', 'application/xml'],
    ['devices.jsonl', 'application/jsonl'],
  ])('sends %s as %s with what was said about it', async (name, contentType) => {
    await writeFile(join(folder, name), 'x');
    service.plays(imports, accepted);
    const { exitCode, stdout } = await submit(join(folder, name), '--group-tag', 'Kiosk', '--validate-only');
    expect(exitCode).toBe(0);
    expect(service.at(imports)[0]).toMatchObject({ query: { groupTag: 'Kiosk', validateOnly: 'true' }, body: 'x' });
    expect(service.at(imports)[0]?.headers['content-type']).toBe(contentType);
    expect(stdout).toContain(`Accepted as run ${runId}`);
  });

  it('watches to the end, and says with its exit code that rows were rejected', async () => {
    service.plays(imports, accepted);
    service.plays(`GET /v1/operations/${runId}/events`, streams('id: 1\ndata: {"seq":1}\n\n', 'stays'));
    service.plays(`GET /v1/operations/${runId}`, answers(200, aFinishedRun(2)));
    expect(await submit(file, '--watch')).toMatchObject({ exitCode: 1 });
  });

  it('sends a large file in parts, without those that are there already, and commits them', async () => {
    const bytes = randomBytes(8 * 1024 * 1024 + 10);
    const large = join(folder, 'large.csv');
    await writeFile(large, bytes);
    const [first, second] = [bytes.subarray(0, 8 * 1024 * 1024), bytes.subarray(8 * 1024 * 1024)];
    const upload = { id: uploadId, state: 'open' };
    const sent: SeenRequest[] = [];
    service
      .plays(`POST /v1/tenants/${tenantId}/uploads`, answers(201, upload))
      .plays(`GET /v1/uploads/${uploadId}`, answers(200, upload))
      .plays(
        `GET /v1/uploads/${uploadId}/parts`,
        answers(200, { value: [] }),
        answers(200, { value: [{ number: 1, bytes: first.length, digest: digestOf(first) }] }),
      )
      .plays(`PUT /v1/uploads/${uploadId}/parts/1`, answers(200, {}))
      .plays(
        `PUT /v1/uploads/${uploadId}/parts/2`,
        refuses(400, 'body.digest-mismatch', 'The body is not the one.'),
        (response, seen, request) => {
          sent.push(seen);
          answers(200, {})(response, seen, request);
        },
      )
      .plays(`POST /v1/uploads/${uploadId}/commits`, accepted);
    const declared = ['--os-family', 'windows_11_se', '--captured-by', 'manual'];
    const broken = await submit(large, '--parts', '--key', 'my-key', '--group-tag', 'Kiosk', ...declared);
    expect(broken.exitCode).toBe(2);
    expect(broken.stdout).toContain(`--resume ${uploadId}`);
    const opened = service.at(`POST /v1/tenants/${tenantId}/uploads`)[0];
    expect(JSON.parse(opened!.body)).toEqual({
      format: 'csv',
      groupTag: 'Kiosk',
      osFamily: 'windows_11_se',
      capturedBy: 'manual',
    });
    expect(opened!.headers['idempotency-key']).toBe('my-key/open');

    expect(await submit(large, '--resume', uploadId, '--key', 'my-key')).toMatchObject({ exitCode: 0 });
    expect(service.at(`PUT /v1/uploads/${uploadId}/parts/1`)).toHaveLength(1);
    expect(sent[0]?.headers['content-digest']).toBe(digestOf(second));
    const [committed] = service.at(`POST /v1/uploads/${uploadId}/commits`);
    expect(JSON.parse(committed!.body)).toEqual({ parts: 2, digest: digestOf(bytes) });
    expect(committed!.headers['idempotency-key']).toBe('my-key');
  });

  it('that was interrupted after its parts were committed goes on with the run they became', async () => {
    service
      .plays(`GET /v1/uploads/${uploadId}`, answers(200, { id: uploadId, state: 'committed', operationId: runId }))
      .plays(`GET /v1/operations/${runId}`, answers(200, aFinishedRun(1)));
    const { exitCode, stdout } = await submit(file, '--resume', uploadId, '--watch');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: expect.stringContaining(`Accepted as run ${runId}: 10 rows`),
    });
  });

  it('shows what was changed to read a line', async () => {
    const line = { line: 4, corrections: [{ code: 'blanks', field: 'groupTag', message: 'Blanks were taken off.' }] };
    service.plays(`GET /v1/operations/${runId}`, answers(200, aFinishedRun()));
    service.plays(`GET /v1/operations/${runId}/corrections`, answers(200, { value: [line] }));
    expect((await cli(service, ['imports', 'show', runId])).stdout).toMatch(/4\s+groupTag: Blanks were taken off\./);
    const { stdout } = await cli(service, ['--output', 'json', 'imports', 'show', runId]);
    expect(JSON.parse(stdout)).toMatchObject({ id: runId, corrections: [line] });
  });

  it('fetches failed rows into a file that others cannot read, or prints them', async () => {
    const csv = 'Hardware Hash,Code,Fix\r\nT0Ev,hash_invalid 802,Capture it again.\r\n';
    service.plays(`GET /v1/operations/${runId}/failedRows`, (response) => {
      response.writeHead(200, { 'content-type': 'text/csv' }).end(csv);
    });
    const out = join(folder, 'failed.csv');
    expect(await cli(service, ['imports', 'failed-rows', runId, '--out', out])).toMatchObject({ exitCode: 0 });
    expect(await readFile(out, 'utf8')).toBe(csv);
    expect((await stat(out)).mode & 0o077).toBe(0);
    expect((await cli(service, ['imports', 'failed-rows', runId])).stdout).toBe(csv);
  });
});
