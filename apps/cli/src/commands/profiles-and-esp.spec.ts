import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSettings, newEspSettings } from '@groundcrew/domain';
import { tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers, refuses } from '../testing/scripted-service.js';

const id = '44444444-4444-4444-8444-444444444444';
const profiles = `/v1/tenants/${tenantId}/profiles`;
const pages = `/v1/tenants/${tenantId}/espProfiles`;
const at = ['--tenant', tenantId];
const targets = { includedGroups: ['g1'], excludedGroups: [], allDevices: false, etag: '"4"' };
const aProfile = {
  id,
  displayName: 'Kiosk',
  description: null,
  version: 3,
  settings: defaultSettings(),
  oobeConfig: 264,
  etag: '"3"',
};
const aRecord = { ...aProfile, targets, branding: null };
const aPage = {
  id,
  displayName: 'Pupils',
  priority: 1,
  isDefault: false,
  settings: newEspSettings,
  deviceGroups: [],
  userGroups: [],
  etag: '"7"',
};

describe('profiles and pages through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());
  const bodyOf = (address: string) => JSON.parse(service.at(address)[0]!.body);

  it('creates a profile from a file with settings over it, each read as what it is', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'groundcrew-')), 'settings.json');
    await writeFile(file, '{"eulaHidden": false, "locale": "de-DE"}');
    service.plays(`POST ${profiles}`, answers(201, aProfile));
    const settings = [
      '--set',
      'eulaHidden=true',
      '--set',
      'userType=standard',
      '--set',
      'deviceNameTemplate=A=B',
      '--set',
      'managementServiceAppId=null',
    ];
    const { exitCode, stdout } = await cli(service, [
      'profiles',
      'create',
      ...at,
      '--name',
      'Kiosk',
      '--settings',
      file,
      ...settings,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/deploymentMode\s+user_driven/);
    expect(bodyOf(`POST ${profiles}`)).toEqual({
      displayName: 'Kiosk',
      settings: {
        locale: 'de-DE',
        eulaHidden: true,
        userType: 'standard',
        deviceNameTemplate: 'A=B',
        managementServiceAppId: null,
      },
    });
  });

  it('changes the version that it has read, or the one that it is told', async () => {
    service.plays(`GET ${profiles}/${id}`, answers(200, aRecord));
    service.plays(`PATCH ${profiles}/${id}`, answers(200, aProfile));
    await cli(service, ['profiles', 'update', id, ...at, '--clear-description']);
    await cli(service, ['profiles', 'update', id, ...at, '--name', 'Hall', '--if-match', '"1"']);
    const sent = service.at(`PATCH ${profiles}/${id}`);
    expect(sent.map(({ headers, body }) => [headers['if-match'], JSON.parse(body)])).toEqual([
      ['"3"', { description: null }],
      ['"1"', { displayName: 'Hall' }],
    ]);
    expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  });

  it('says nothing to the service where nothing is to change', async () => {
    for (const argv of [
      ['profiles', 'update', id, ...at],
      ['profiles', 'update', id, ...at, '--set', 'eulaHidden'],
      ['profiles', 'assign', id, ...at],
      ['profiles', 'assign', id, ...at, '--nobody', '--include', 'g1'],
      ['esp', 'update', id, ...at],
      ['esp', 'create', ...at],
    ]) {
      expect({ argv, exitCode: (await cli(service, argv)).exitCode }).toEqual({ argv, exitCode: 2 });
    }
    expect(service.seen).toEqual([]);
  });

  it('gives a profile to groups and takes it from everybody', async () => {
    const path = `${profiles}/${id}/assignments`;
    service.plays(`GET ${path}`, answers(200, targets));
    service.plays(`PATCH ${path}`, answers(200, { ...targets, operationId: 'run-1' }));
    const { stdout } = await cli(service, [
      'profiles',
      'assign',
      id,
      ...at,
      '--include',
      'g1',
      'g2',
      '--no-all-devices',
    ]);
    expect(stdout).toMatch(/Includes\s+g1\s+Run\s+run-1/);
    await cli(service, ['profiles', 'assign', id, ...at, '--nobody']);
    expect(service.at(`PATCH ${path}`).map(({ headers, body }) => [headers['if-match'], JSON.parse(body)])).toEqual([
      ['"4"', { includedGroups: ['g1', 'g2'], allDevices: false }],
      ['"4"', { includedGroups: [], excludedGroups: [], allDevices: false }],
    ]);
  });

  it('previews an assignment: what is not named stays as it is, and nothing is written', async () => {
    service.plays(`GET ${profiles}/${id}/assignments`, answers(200, targets));
    const preview = {
      devices: 90,
      notYetLookedAt: 0,
      changing: 40,
      moves: [
        { fromProfileId: null, toProfileId: id, state: 'assigned', detail: null, devices: 38 },
        { fromProfileId: null, toProfileId: id, state: 'failed', detail: 'hardware_requirements_not_met', devices: 2 },
      ],
      value: [],
    };
    service.plays(`POST /v1/tenants/${tenantId}/assignmentPreviews`, answers(200, preview));
    const { stdout } = await cli(service, ['profiles', 'preview', id, ...at, '--all-devices']);
    expect(stdout).toMatch(
      /Would change\s+40[^]*built-in default\s+4{8}[^\n]*assigned\s+38[^]*failed: hardware_requirements_not_met\s+2/,
    );
    expect(bodyOf(`POST /v1/tenants/${tenantId}/assignmentPreviews`)).toEqual({
      kind: 'profileAssignments',
      profileId: id,
      includedGroups: ['g1'],
      excludedGroups: [],
      allDevices: true,
    });
    expect(service.seen.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  it('deletes, and passes a refusal on', async () => {
    service.plays(`GET ${profiles}/${id}`, answers(200, aRecord));
    service.plays(
      `DELETE ${profiles}/${id}`,
      refuses(409, 'profile.assigned', 'The profile is assigned.'),
      (response) => {
        response.writeHead(204).end();
      },
    );
    const refused = await cli(service, ['profiles', 'delete', id, ...at]);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('The profile is assigned.')]);
    expect(await cli(service, ['profiles', 'delete', id, ...at, '--output', 'jsonl'])).toMatchObject({
      exitCode: 0,
      stdout: `{"id":"${id}","deleted":true}\n`,
    });
  });

  it('shows a profile, its versions, and lists them', async () => {
    service.plays(`GET ${profiles}/${id}`, answers(200, aRecord));
    service.plays(
      `GET ${profiles}/${id}/versions`,
      answers(200, {
        value: [{ version: 1, displayName: 'Kiosk', changedAt: '2026', deleted: true, changedBy: 'user:x' }],
      }),
    );
    service.plays(`GET ${profiles}`, answers(200, { value: [aProfile] }));
    expect((await cli(service, ['profiles', 'show', id, ...at])).stdout).toMatch(/Branding\s+none/);
    expect((await cli(service, ['profiles', 'show', id, ...at, '--versions'])).stdout).toMatch(
      /1\s+Kiosk\s+2026\s+user:x\s+deleted/,
    );
    expect((await cli(service, ['profiles', 'list', ...at])).stdout).toMatch(/Kiosk\s+user_driven\s+entra\s+windowsPc/);
  });

  it('writes the file for existing devices as it is to the byte, under its one name', async () => {
    const text = '{\n  "Comment_File": "B\\u00fcro"\n}';
    service.plays(`GET ${profiles}/${id}/offlineFile`, (response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=us-ascii' }).end(text);
    });
    const directory = await mkdtemp(join(tmpdir(), 'groundcrew-'));
    const { stdout } = await cli(service, [
      'profiles',
      'export',
      id,
      ...at,
      '--domain',
      'contoso.example',
      '--directory',
      directory,
    ]);
    expect(stdout).toContain('AutopilotConfigurationFile.json');
    expect(await readFile(join(directory, 'AutopilotConfigurationFile.json'), 'utf8')).toBe(text);
    expect((await cli(service, ['profiles', 'export', id, ...at, '--domain', 'contoso.example'])).stdout).toBe(
      `${text}\n`,
    );
    expect(service.seen[0]!.query).toEqual({ tenantDomain: 'contoso.example' });
  });

  it('creates, changes, orders and deletes pages', async () => {
    service.plays(`POST ${pages}`, answers(201, aPage));
    service.plays(`GET ${pages}/${id}`, answers(200, aPage));
    service.plays(`PATCH ${pages}/${id}`, answers(200, aPage));
    service.plays(`DELETE ${pages}/${id}`, answers(200, null));
    service.plays(
      `POST /v1/tenants/${tenantId}/espOrder`,
      answers(200, { value: [aPage, { ...aPage, priority: null, isDefault: true }] }),
    );
    await cli(service, [
      'esp',
      'create',
      ...at,
      '--name',
      'Pupils',
      '--priority',
      '1',
      '--user-group',
      'g1',
      'g2',
      '--set',
      'installProgressTimeoutInMinutes=90',
    ]);
    expect(bodyOf(`POST ${pages}`)).toEqual({
      displayName: 'Pupils',
      priority: 1,
      userGroups: ['g1', 'g2'],
      settings: { installProgressTimeoutInMinutes: 90 },
    });
    await cli(service, ['esp', 'update', id, ...at, '--description', 'x']);
    await cli(service, ['esp', 'delete', id, ...at]);
    expect(
      service.seen.filter(({ method }) => /PATCH|DELETE/.test(method)).map(({ headers }) => headers['if-match']),
    ).toEqual(['"7"', '"7"']);
    const { stdout } = await cli(service, ['esp', 'order', 'b', 'a', ...at]);
    expect(bodyOf(`POST /v1/tenants/${tenantId}/espOrder`)).toEqual({ espIds: ['b', 'a'] });
    expect(stdout).toMatch(/1\s+4{8}[^\n]*Pupils[^]*last[^\n]*everybody/);
    expect((await cli(service, ['esp', 'show', id, ...at])).stdout).toMatch(/Blocking apps\s+all that are required/);
  });

  it('lists pages and tells which one a device shows, and why', async () => {
    service.plays(`GET ${pages}`, answers(200, { value: [aPage] }));
    expect((await cli(service, ['esp', 'list', ...at])).stdout).toMatch(/1\s+4{8}[^\n]*no\s+60\s+all required\s+0/);
    const resolution = {
      esp: aPage,
      via: 'user',
      viaGroups: ['g1'],
      userSkipped: false,
      timeoutMinutes: 100,
      blockingApps: [{ id, displayName: 'Editor' }],
      leftOut: [{ id, displayName: 'Game' }],
      profileId: null,
    };
    service.plays(`GET /v1/tenants/${tenantId}/devices/${id}/esp`, answers(200, resolution));
    const { stdout } = await cli(service, ['esp', 'resolve', id, ...at, '--user', 'u1']);
    expect(stdout).toMatch(
      /Because\s+the user is in a group of it[^]*Minutes\s+100[^]*Waits for\s+Editor[^]*Does not accept\s+Game/,
    );
    expect(service.at(`GET /v1/tenants/${tenantId}/devices/${id}/esp`)[0]!.query).toEqual({ userId: 'u1' });
  });
});
