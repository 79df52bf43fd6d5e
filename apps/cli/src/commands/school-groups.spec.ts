import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultSettings } from '@groundcrew/domain';
import { tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers } from '../testing/scripted-service.js';

const path = `/v1/tenants/${tenantId}/schoolGroups`;
const group = { groupTag: '7b', devices: 30, groupId: 'g1', displayName: 'Devices of 7b' };

describe('schools through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  it('lists group tags, and makes a group for one', async () => {
    service.plays(
      `GET ${path}`,
      answers(200, { value: [group, { ...group, groupTag: '7c', groupId: null, displayName: null }] }),
    );
    service.plays(`POST ${path}`, answers(201, group));
    expect((await cli(service, ['schools', 'groups', '--tenant', tenantId])).stdout).toMatch(
      /7b\s+30\s+g1\s+Devices of 7b[^]*7c\s+30\s+none yet/,
    );
    const made = await cli(service, ['schools', 'add-group', '--tenant', tenantId, '--group-tag', '7b']);
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Group\s+g1/) });
    expect(JSON.parse(service.at(`POST ${path}`)[0]!.body)).toEqual({ groupTag: '7b' });
  });

  it('shows the settings that reach the members', async () => {
    const settings = {
      groupId: 'g1',
      displayName: 'Devices of 7b',
      ownership: 'school_owned',
      members: 30,
      branding: 'Contoso School',
      profiles: [
        {
          profileId: null,
          displayName: 'Pupils',
          settings: defaultSettings(),
          ofThisGroup: true,
          devices: 30,
          states: { assigned: 30 },
        },
      ],
      pages: [{ espId: 'e1', displayName: 'Wait', devices: 30, timeoutMinutes: 60, leftOut: ['Game'] }],
    };
    service.plays(`GET ${path}/g1/windowsDeviceSettings`, answers(200, settings));
    const { stdout } = await cli(service, ['schools', 'settings', 'g1', '--tenant', tenantId]);
    expect(stdout).toMatch(
      /30, school-owned[^]*Contoso School[^]*Pupils\s+user_driven\s+yes\s+30[^]*Wait\s+60\s+30\s+Game/,
    );
  });

  it('sends no hashes of Windows 11 SE that cannot have been captured like that', async () => {
    const argv = [
      'imports',
      'submit',
      'devices.csv',
      '--tenant',
      tenantId,
      '--os-family',
      'windows_11_se',
      '--captured-by',
      'powershell',
    ];
    expect(await cli(service, argv)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('OEM, a partner or a reseller'),
    });
    expect(service.seen).toEqual([]);
  });
});
