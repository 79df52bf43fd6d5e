import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFinishedRun, aRun, partnerId, runId, tenantId } from './testing/a-run.js';
import { ScriptedService, answers, refuses, streams } from './testing/scripted-service.js';

const launcher = join(import.meta.dirname, '../bin/groundcrew.mjs');
const events = `GET /v1/operations/${runId}/events`;
const orders = `POST /v1/partners/${partnerId}/orders`;

/** Runs the program as a shell does. */
async function groundcrew(service: ScriptedService, argv: string[], bin = launcher, interruptAt?: string) {
  const environment = {
    ...process.env,
    GROUNDCREW_API_URL: service.url,
    GROUNDCREW_TOKEN: 'a-token',
    NODE_OPTIONS: '',
  };
  const child = spawn(process.execPath, [bin, ...argv], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (interruptAt === undefined || interrupted || !stdout.includes(interruptAt)) return;
    interrupted = child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}

describe('the exit code of the program', () => {
  const service = new ScriptedService();
  let folder: string;
  let submit: string[];

  beforeEach(async () => {
    await service.start();
    folder = await mkdtemp(join(tmpdir(), 'groundcrew-cli-'));
    await writeFile(join(folder, 'order.jsonl'), '{"serialNumber":"S1"}\n');
    submit = ['orders', 'submit', join(folder, 'order.jsonl'), '--partner', partnerId, '--tenant', tenantId, '--watch'];
    service.plays(orders, answers(202, aRun())).plays(events, streams('', 'stays'));
  });
  afterEach(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  it.each([
    [0, 0],
    [2, 1],
  ])('of an order with %i rejected rows is %i', async (rejected, expected) => {
    service.plays(`GET /v1/operations/${runId}`, answers(200, aFinishedRun(rejected)));
    const { exitCode, stdout } = await groundcrew(service, submit);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`${10 - rejected} registered, ${rejected} rejected`);
    expect(exitCode).toBe(expected);
  });

  it.each([[['orders', 'submit']], [['no-such-command']], [['runs', 'show', runId, '--output', 'xml']]])(
    'of the wrong call %j is 2',
    async (argv) => {
      expect(await groundcrew(service, argv)).toMatchObject({ exitCode: 2 });
    },
  );

  it('of a refused order is 2', async () => {
    service.plays(orders, refuses(403, 'consent.missing', 'The tenant has not authorised this partner.'));
    expect(await groundcrew(service, submit)).toMatchObject({ exitCode: 2 });
  });

  it('of a service that cannot be reached is 3', async () => {
    await service.stop();
    const { exitCode, stderr } = await groundcrew(service, [...submit, '--patience', '1']);
    expect(stderr).toContain('cannot be reached: connection refused');
    expect(exitCode).toBe(3);
  });

  it('of a service that is never ready is 3, with its own words', async () => {
    service.plays(orders, refuses(503, 'service.unavailable', 'The database does not answer.'));
    const { exitCode, stderr } = await groundcrew(service, [...submit, '--patience', '1']);
    expect(stderr).toContain('code service.unavailable, status 503');
    expect(exitCode).toBe(3);
  });

  it('of an interrupted watch is 130, and says how to come back', async () => {
    service.plays(`GET /v1/operations/${runId}`, answers(200, aRun()));
    const { exitCode, stderr } = await groundcrew(service, submit, launcher, 'Running: 0 of 10');
    expect(stderr).toContain(`groundcrew runs show ${runId} --watch`);
    expect(exitCode).toBe(130);
  });

  it('of a program that was not built is 2, and says what to run', async () => {
    await cp(launcher, join(folder, 'bin/groundcrew.mjs'));
    const { exitCode, stderr } = await groundcrew(service, ['whoami'], join(folder, 'bin/groundcrew.mjs'));
    expect(stderr).toContain('npm start');
    expect(exitCode).toBe(2);
  });
});
