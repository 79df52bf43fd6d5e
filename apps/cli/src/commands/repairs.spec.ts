import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers } from '../testing/scripted-service.js';

const deviceId = '44444444-4444-4444-8444-444444444444';
const newDeviceId = '55555555-5555-4555-8555-555555555555';
const aRepair = (more: object = {}) => ({
  id: runId,
  tenantId,
  state: 'at_workshop',
  deviceId,
  newDeviceId: null,
  serialNumber: 'S1',
  donorDeviceId: null,
  why: 'no power',
  carried: { groupTag: 'Kiosk', purchaseOrderIdentifier: 'PO-1', assignedUser: 'ada@contoso.com', displayName: null },
  deregistrationOperationId: runId,
  registrationOperationId: null,
  restoreOperationId: null,
  problem: null,
  reminders: 0,
  waitingSince: null,
  openedBy: 'somebody',
  openedAt: '2026-11-21T03:00:05.000Z',
  endedAt: null,
  ...more,
});

describe('repairs through the CLI', () => {
  const service = new ScriptedService();
  const folder = mkdtempSync(join(tmpdir(), 'repairs-'));
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());
  afterAll(() => rmSync(folder, { recursive: true }));

  const repairs = `/v1/tenants/${tenantId}/repairs`;
  const at = ['--tenant', tenantId];

  it('opens one, with the donor of the board', async () => {
    service.plays(`POST ${repairs}`, answers(202, aRepair({ state: 'opened' })));
    const { exitCode, stdout } = await cli(service, [
      ...['repairs', 'open', deviceId, ...at, '--why', 'no power', '--donor', newDeviceId],
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(service.at(`POST ${repairs}`)[0]!.body)).toEqual({
      deviceId,
      why: 'no power',
      donorDeviceId: newDeviceId,
    });
    expect(stdout).toMatch(/State\s+opened/);
    expect(stdout).toContain(`groundcrew repairs submit-hash ${runId} <file>`);
  });

  it('sends the hash from a file, and says what is wrong with the new board', async () => {
    const file = join(folder, 'hash.txt');
    writeFileSync(file, 'T0Ev\n');
    const problem = { code: 'repair.board-registered', message: 'Deregister it.' };
    service.plays(`POST ${repairs}/${runId}/hashes`, answers(202, aRepair({ state: 'needs_attention', problem })));
    const { stdout } = await cli(service, ['repairs', 'submit-hash', runId, file, ...at]);
    expect(JSON.parse(service.at(`POST ${repairs}/${runId}/hashes`)[0]!.body)).toEqual({ hardwareIdentifier: 'T0Ev' });
    expect(stdout).toMatch(/Problem\s+repair\.board-registered: Deregister it\./);
    expect((await cli(service, ['repairs', 'submit-hash', runId, join(folder, 'none'), ...at])).exitCode).toBe(2);
  });

  it('lists, shows and cancels', async () => {
    service.plays(`GET ${repairs}`, answers(200, { value: [aRepair({ state: 'closed', newDeviceId })] }));
    const listed = await cli(service, ['repairs', 'list', ...at, '--state', 'closed', '--device', newDeviceId]);
    expect(listed.stdout).toMatch(new RegExp(`closed\\s+S1\\s+${deviceId}\\s+${newDeviceId}`));
    expect(service.at(`GET ${repairs}`)[0]!.query).toMatchObject({ state: 'closed', deviceId: newDeviceId });

    service.plays(`GET ${repairs}/${runId}`, answers(200, aRepair()));
    const shown = await cli(service, ['repairs', 'show', runId, ...at, '--output', 'json']);
    expect(JSON.parse(shown.stdout)).toEqual(aRepair());

    service.plays(`POST ${repairs}/${runId}/cancellations`, answers(202, aRepair({ state: 'restoring' })));
    expect((await cli(service, ['repairs', 'cancel', runId, ...at])).stdout).toMatch(/State\s+restoring/);
  });
});
