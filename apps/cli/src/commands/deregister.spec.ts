import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRun, runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { answers, refuses, ScriptedService } from '../testing/scripted-service.js';

const planId = '55555555-5555-4555-8555-555555555555';
const deviceId = '44444444-4444-4444-8444-444444444444';
const aPlan = {
  id: planId,
  tenantId,
  path: 'tenant_admin',
  reason: 'sale',
  note: null,
  devices: 1,
  byFilter: false,
  blocked: 0,
  losses: { recoveryKeys: 1, assignedUsers: 0 },
  steps: [
    { step: 'retire_management', devices: 1, effect: 'E1.', undo: 'U1.', possibleUntil: 'P1.', isTheLine: false },
    { step: 'remove_registration', devices: 1, effect: 'E2.', undo: null, possibleUntil: 'P2.', isTheLine: true },
  ],
  remains: [],
  needs: ['recoveryKeysReason'],
  estimateSeconds: 7,
  author: 'user:a',
  approvedBy: null,
  createdAt: '2026-11-21T03:00:00.000Z',
  expiresAt: '2026-11-21T04:00:00.000Z',
};
const standing = { operationId: runId, planId, path: 'tenant_admin', restored: 0, wentForward: 2 };

describe('groundcrew deregister', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());
  const deregistrations = `POST /v1/tenants/${tenantId}/deregistrations`;

  it('plan reads like a page that one would sign', async () => {
    service.plays(deregistrations, answers(201, aPlan));
    service.plays(
      `GET /v1/tenants/${tenantId}/deregistrationPlans/${planId}/devices`,
      answers(200, { value: [{ position: 1, deviceId, serialNumber: 'SN-1', recoveryKeys: 1, blocks: [] }] }),
    );
    const { stdout } = await cli(service, ['deregister', 'plan', deviceId, '--tenant', tenantId, '--reason', 'sale']);
    expect(service.at(deregistrations)[0]).toMatchObject({ query: { dryRun: 'true' } });
    expect(JSON.parse(service.at(deregistrations)[0]!.body)).toEqual({ reason: 'sale', deviceIds: [deviceId] });
    const order = [
      'retire_management',
      'THE POINT OF NO RETURN',
      'remove_registration',
      '1 recovery key',
      'SN-1',
      'Approved by',
    ];
    const places = order.map((words) => stdout.indexOf(words));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it('plan takes names or a filter, and not both', async () => {
    const both = ['deregister', 'plan', deviceId, '--group-tag', 'Kiosk', '--tenant', tenantId, '--reason', 'sale'];
    expect((await cli(service, both)).exitCode).toBe(2);
    expect((await cli(service, ['deregister', 'plan', '--tenant', tenantId, '--reason', 'sale'])).exitCode).toBe(2);
    expect(service.seen).toEqual([]);
  });

  it('apply executes the plan by its id, and says what stands against it', async () => {
    service.plays(
      deregistrations,
      answers(202, aRun({ kind: 'deregistration' })),
      refuses(409, 'plan.reality-moved', 'Reality has moved.'),
    );
    const apply = [
      'deregister',
      'apply',
      planId,
      '--tenant',
      tenantId,
      '--count',
      '3',
      '--lose-recovery-keys',
      'vault',
    ];
    expect((await cli(service, apply)).exitCode).toBe(0);
    expect(JSON.parse(service.at(deregistrations)[0]!.body)).toEqual({
      planId,
      typedCount: 3,
      recoveryKeysReason: 'vault',
    });
    const refused = await cli(service, apply);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).not.toBe('');
  });

  it('watch shows who needs a person, and resolve decides about all with one code', async () => {
    service.plays(
      `GET /v1/operations/${runId}/deregistration`,
      answers(200, { ...standing, devices: { needs_attention: 1, deregistered: 2 }, attention: { overdue: 1 } }),
    );
    const lagging = {
      deviceId,
      serialNumber: 'SN-1',
      step: 'retire_management',
      code: 'overdue',
      difference: 'still there',
    };
    service.plays(`GET /v1/operations/${runId}/devices`, answers(200, { value: [lagging] }));
    const { stdout } = await cli(service, ['deregister', 'watch', runId, '--now']);
    expect(stdout).toMatch(/SN-1\s+retire_management\s+overdue\s+still there/);

    const resolutions = `POST /v1/operations/${runId}/deviceResolutions`;
    service.plays(resolutions, answers(202, { ...standing, devices: { going: 1 }, attention: {} }));
    await cli(service, ['deregister', 'resolve', runId, '--decision', 'retry', '--code', 'overdue']);
    expect(JSON.parse(service.at(resolutions)[0]!.body)).toEqual({ decision: 'retry', code: 'overdue' });
    expect((await cli(service, ['deregister', 'resolve', runId, '--decision', 'retry'])).exitCode).toBe(2);
  });

  it('cancel and restore name the run', async () => {
    service.plays(`POST /v1/operations/${runId}/cancellations`, answers(202, aRun()));
    service.plays(`POST /v1/operations/${runId}/restorations`, answers(202, aRun({ kind: 'restore' })));
    expect((await cli(service, ['deregister', 'cancel', runId])).exitCode).toBe(0);
    const { stdout } = await cli(service, ['deregister', 'restore', runId, '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'restore' });
  });
});
