import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFinishedRun, aRun, partnerId, runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers, refuses } from '../testing/scripted-service.js';

const monitor = `GET /v1/operations/${runId}`;
const devices = `GET /v1/tenants/${tenantId}/devices`;
const aDevice = (serialNumber: string) => ({
  id: '44444444-4444-4444-8444-444444444444',
  serialNumber,
  directory: { state: 'observed' },
  profile: { state: 'assigned' },
  registration: { registeredAt: '2026-11-21T03:00:05.000Z' },
});

describe('reading through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  it('shows a run with its verdicts, the modelled numbers, and what it waits for', async () => {
    service.plays(
      monitor,
      answers(200, aRun({ decided: 3, registered: 1, rejected: 2, verdicts: { registered: 1, owned_elsewhere: 2 } })),
    );
    const step = { chunk: 1, step: 'precreate_directory_object', state: 'requested', devices: 9, attempts: 4 };
    service.plays(
      `${monitor}/steps`,
      answers(200, { value: [{ ...step, waitingFor: 'directory: 429', nextTryAt: '2026-11-21T03:01:00.000Z' }] }),
    );
    const { stdout } = await cli(service, ['runs', 'show', runId]);
    expect(stdout).toMatch(/owned_elsewhere\s+2\s+808\s+ZtdDeviceAssignedToOtherTenant\s+Its present owner/);
    expect(stdout).toMatch(/1\s+precreate_directory_object\s+directory: 429\s+4\s+2026-11-21T03:01:00/);
  });

  it('shows only rejected rows when asked, verdict by verdict', async () => {
    service.plays(monitor, answers(200, aFinishedRun(1)));
    const item = {
      line: 7,
      verdict: 'hash_invalid',
      number: 802,
      name: 'InvalidZtdHardwareHash',
      field: 'hardwareIdentifier',
    };
    service.plays(`${monitor}/items`, answers(200, { value: [{ ...item, message: 'Too short.', next: 'Again.' }] }));
    const { stdout } = await cli(service, ['runs', 'show', runId, '--rejected', '--output', 'jsonl']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).line),
    ).toEqual([7]);
    expect(service.at(`${monitor}/items`).map(({ query }) => query['verdict'])).toEqual(['hash_invalid']);
  });

  it('follows links to the end of a list, at the address it was given', async () => {
    const nextLink = `https://elsewhere.example/v1/tenants/${tenantId}/devices?continuation=abc&groupTag=Kiosk`;
    service.plays(
      devices,
      answers(200, { value: [aDevice('S1')], nextLink }),
      answers(200, { value: [aDevice('S2')] }),
    );
    const { stdout } = await cli(service, ['devices', 'list', '--tenant', tenantId, '--group-tag', 'Kiosk', '--all']);
    expect(stdout).toMatch(/S1[^]*S2/);
    expect(service.at(devices).map(({ query }) => query)).toEqual([
      { groupTag: 'Kiosk', maxpagesize: '1000' },
      { groupTag: 'Kiosk', maxpagesize: '1000', continuation: 'abc' },
    ]);
  });

  it('lists runs with how many of their rows ended as was wished; where nothing has a verdict, none are counted', async () => {
    const assignment = aRun({ kind: 'assignment', status: 'Succeeded', done: true, received: 2_989 });
    const returned = aRun({ kind: 'order_return', status: 'Succeeded', done: true, received: 2, decided: 2 });
    const value = [aFinishedRun(1), returned, assignment, aRun()];
    service.plays('GET /v1/operations', answers(200, { value }));
    const { stdout } = await cli(service, ['runs', 'list']);
    expect(stdout).toMatch(/RECEIVED\s+ACCEPTED\s+REJECTED/);
    expect(stdout).toMatch(/registration_order\s+Succeeded \(CompletedWithErrors\)\s+10\s+9\s+1\s/);
    expect(stdout).toMatch(/order_return\s+Succeeded\s+2\s+2\s+0\s/);
    expect(stdout).toMatch(/assignment\s+Succeeded\s+2989\s+-\s+0\s/);
    expect(stdout).toMatch(/registration_order\s+Running\s+10\s+0\s+0\s/);
  });

  it('says that a list was cut', async () => {
    service.plays(devices, answers(200, { value: [aDevice('S1'), aDevice('S2')] }));
    const { stdout, stderr } = await cli(service, ['devices', 'list', '--tenant', tenantId, '--limit', '1']);
    expect(stdout).not.toContain('S2');
    expect(stderr).toContain('Only the first 1 are shown');
  });

  it('lets no text from elsewhere steer the terminal', async () => {
    service.plays(devices, answers(200, { value: [aDevice('S1\u001b[2J')] }));
    const { stdout } = await cli(service, ['devices', 'list', '--tenant', tenantId]);
    expect(stdout).toContain('S1?[2J');
  });

  it('grants a consent with a key', async () => {
    const consents = `POST /v1/tenants/${tenantId}/consents`;
    service.plays(
      consents,
      answers(201, { id: 'c', tenantId, partnerId, state: 'granted', scope: {}, inFlight: null }),
    );
    const { stdout } = await cli(service, [
      'consents',
      'grant',
      '--tenant',
      tenantId,
      '--partner',
      partnerId,
      '--key',
      'k',
    ]);
    expect(JSON.parse(service.at(consents)[0]!.body)).toEqual({ partnerId });
    expect(service.at(consents)[0]?.headers['idempotency-key']).toBe('k');
    expect(stdout).toMatch(/State\s+granted/);
  });

  it('cancels a run by its id, and says what was taken back and what stays', async () => {
    const address = `POST /v1/operations/${runId}/cancellations`;
    const compensation = { undone: 3, kept: 2, left: null, putBack: 1, wentForward: null };
    service.plays(address, answers(202, aRun({ subStatus: 'Compensating', compensation })));
    const { stdout, exitCode } = await cli(service, [
      'runs',
      'cancel',
      runId,
      '--reason',
      'wrong tenant',
      '--key',
      'k',
    ]);
    expect({ exitCode, body: JSON.parse(service.at(address)[0]!.body) }).toEqual({
      exitCode: 0,
      body: { reason: 'wrong tenant' },
    });
    expect(stdout).toMatch(/State\s+Running \(Compensating\)[^]*Taken back\s+3[^]*Kept\s+2/);
  });

  it.each(['retry', 'confirm', 'abandon'])(
    'tells a run that needs a person to %s, with the reason',
    async (decision) => {
      const address = `POST /v1/operations/${runId}/resolutions`;
      service.plays(address, answers(202, aRun()));
      await cli(service, ['runs', decision, runId, '--reason', 'looked at it']);
      expect(JSON.parse(service.at(address).at(-1)!.body)).toEqual({ decision, reason: 'looked at it' });
    },
  );

  it('lists what a maker has on file', async () => {
    const hardware = `GET /v1/partners/${partnerId}/devicesOnFile`;
    service.plays(hardware, answers(200, { value: [{ id: 'h', serialNumber: 'S9', uploadedAt: 'now' }] }));
    const { stdout } = await cli(service, ['hardware-reports', 'list', '--partner', partnerId, '--serial', 'S9']);
    expect(stdout).toMatch(/h\s+-\s+-\s+S9\s+-\s+now/);
    expect(service.at(hardware)[0]!.query).toMatchObject({ serialNumber: 'S9' });
  });

  it('sends a maker’s file as it is', async () => {
    const file = join(tmpdir(), `hardware-${runId}.jsonl`);
    writeFileSync(file, '{"hardwareIdentifier":"A"}\n');
    const address = `POST /v1/partners/${partnerId}/hardwareReports`;
    service.plays(address, answers(202, aRun({ kind: 'hardware_report', tenantId: null })));
    const { exitCode } = await cli(service, ['hardware-reports', 'submit', file, '--partner', partnerId, '--key', 'k']);
    expect({
      exitCode,
      body: service.at(address)[0]!.body,
      type: service.at(address)[0]!.headers['content-type'],
    }).toEqual({
      exitCode: 0,
      body: '{"hardwareIdentifier":"A"}\n',
      type: 'application/jsonl',
    });
    rmSync(file);
  });

  it('gives a script the problem as JSON', async () => {
    service.plays('GET /v1/whoami', refuses(401, 'token.rejected', 'The token is not accepted.'));
    const { exitCode, stderr } = await cli(service, ['whoami', '--output', 'json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'token.rejected', status: 401 });
  });

  it('does not repeat what a stranger answers', async () => {
    service.plays('GET /v1/whoami', (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Secret'),
    );
    const { exitCode, stdout, stderr } = await cli(service, ['whoami']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('cli.unexpected-answer');
    expect(stdout + stderr).not.toContain('Secret');
  });
});
