import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers } from '../testing/scripted-service.js';

const id = '44444444-4444-4444-8444-444444444444';
const device = '55555555-5555-4555-8555-555555555555';
const groups = `/v1/tenants/${tenantId}/groups`;
const at = ['--tenant', tenantId];
const rule = '(device.deviceModel -eq "Book")';
const aGroup = { id, displayName: 'Books', description: null, membership: 'dynamic', rule, etag: '"3"' };

describe('groups through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  it('creates, lists, changes and deletes', async () => {
    service.plays(`POST ${groups}`, answers(201, { ...aGroup, operationId: 'run-1' }));
    service.plays(`GET ${groups}`, answers(200, { value: [aGroup] }));
    service.plays(`GET ${groups}/${id}`, answers(200, aGroup));
    service.plays(`PATCH ${groups}/${id}`, answers(200, { ...aGroup, operationId: null }));
    service.plays(`DELETE ${groups}/${id}`, (response) => void response.writeHead(204).end());
    const created = await cli(service, ['groups', 'create', ...at, '--name', 'Books', '--rule', rule]);
    expect(created.stdout).toMatch(/Rule\s+\(device\.deviceModel[^]*Run\s+run-1/);
    expect(JSON.parse(service.at(`POST ${groups}`)[0]!.body)).toEqual({ displayName: 'Books', rule });
    expect((await cli(service, ['groups', 'list', ...at])).stdout).toMatch(/Books\s+dynamic/);
    expect((await cli(service, ['groups', 'show', id, ...at, '--output', 'json'])).stdout).toContain(
      '"membership": "dynamic"',
    );
    await cli(service, ['groups', 'update', id, ...at, '--clear-description']);
    expect(service.at(`PATCH ${groups}/${id}`)[0]).toMatchObject({
      headers: { 'if-match': '"3"' },
      body: '{"description":null}',
    });
    expect((await cli(service, ['groups', 'update', id, ...at])).exitCode).toBe(2);
    expect((await cli(service, ['groups', 'delete', id, ...at, '--if-match', '"2"'])).exitCode).toBe(0);
    expect(service.at(`DELETE ${groups}/${id}`)[0]!.headers['if-match']).toBe('"2"');
  });

  it('names members and names them no more', async () => {
    const answer = { changed: [device], operationId: 'run-1' };
    service.plays(`POST ${groups}/${id}/members`, answers(200, answer));
    service.plays(`POST ${groups}/${id}/memberRemovals`, answers(200, answer));
    service.plays(`GET ${groups}/${id}/members`, answers(200, { value: [{ deviceId: device, serialNumber: 'S1' }] }));
    const added = await cli(service, ['groups', 'members', 'add', id, device, ...at]);
    expect(added.stdout).toMatch(/Changed\s+1\s+Run\s+run-1/);
    await cli(service, ['groups', 'members', 'remove', id, device, ...at]);
    expect(service.at(`POST ${groups}/${id}/memberRemovals`)[0]!.body).toBe(JSON.stringify({ deviceIds: [device] }));
    expect((await cli(service, ['groups', 'members', 'list', id, ...at])).stdout).toMatch(/S1/);
  });

  it('tries a rule, its own or a group’s, and shows each clause', async () => {
    const explanation = {
      clause: `${rule} -and -not ${rule}`,
      position: 0,
      holds: false,
      found: null,
      parts: [{ clause: rule, position: 0, holds: true, found: 'Book\u001b[2J', parts: [] }],
    };
    service.plays(`POST /v1/tenants/${tenantId}/ruleTrials`, answers(200, { member: false, explanation }));
    service.plays(`GET ${groups}/${id}`, answers(200, aGroup));
    const { stdout } = await cli(service, ['groups', 'try', ...at, '--device', device, '--rule', rule]);
    expect(stdout).toMatch(/Member\s+no[^]*✗ .*-and[^]*  ✓ \(device\.deviceModel -eq "Book"\)   \[Book\?\[2J\]/);
    await cli(service, ['groups', 'try', ...at, '--device', device, '--group', id]);
    expect(JSON.parse(service.at(`POST /v1/tenants/${tenantId}/ruleTrials`)[1]!.body)).toEqual({
      rule,
      deviceId: device,
    });
    expect((await cli(service, ['groups', 'try', ...at, '--device', device])).exitCode).toBe(2);
  });

  it('explains the profile of a device', async () => {
    const named = { id, displayName: 'Kiosk', createdAt: '2026-11-21T03:00:00.000Z' };
    service.plays(
      `GET /v1/tenants/${tenantId}/devices/${device}/assignment`,
      answers(200, {
        deviceId: device,
        current: { state: 'assigned', profileId: id, assignedAt: '2026-11-21T03:00:00.000Z', operationId: 'run-1' },
        openOperationId: null,
        due: { source: 'group', profile: named, viaGroups: ['g'], misfit: null },
        memberships: [
          {
            groupId: 'g',
            displayName: 'Books',
            rule: { clause: rule, position: 0, holds: true, found: 'Book', parts: [] },
          },
        ],
        competitors: [{ profile: { ...named, displayName: 'Office' }, lostBy: 'newer', groups: ['g'] }],
        sentence: 'Because.',
      }),
    );
    const { stdout } = await cli(service, ['devices', 'explain', device, ...at]);
    expect(stdout).toMatch(
      /State\s+assigned[^]*Is due\s+Kiosk[^]*Why\s+Because\.[^]*Member of Books[^]*✓ \(device[^]*Office .*newer/,
    );
  });
});
