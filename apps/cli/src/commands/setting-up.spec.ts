import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers, refuses } from '../testing/scripted-service.js';

const id = '44444444-4444-4444-8444-444444444444';
const user = '55555555-5555-4555-8555-555555555555';
const tenant = `/v1/tenants/${tenantId}`;
const at = ['--tenant', tenantId];
const nothing = (response: import('node:http').ServerResponse) => void response.writeHead(204).end();

describe('what devices are set up with, through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());
  const sent = (address: string, which = 0) => {
    const { headers, body } = service.at(address)[which]!;
    return {
      match: headers['if-match'],
      key: typeof headers['idempotency-key'],
      body: body === '' ? null : JSON.parse(body),
    };
  };

  it('shows, changes and removes branding; the first one is version 0', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'branding-'));
    const logo = join(folder, 'logo.PNG');
    writeFileSync(logo, 'a picture');
    const branding = { displayName: 'Contoso', logo: null, signInText: null, updatedAt: 'now', etag: '"3"' };
    const path = `${tenant}/branding`;
    service.plays(`GET ${path}`, refuses(404, 'branding.not-found', 'none'), answers(200, branding));
    service.plays(`PATCH ${path}`, answers(200, branding));
    service.plays(`DELETE ${path}`, nothing);
    const first = await cli(service, ['branding', 'set', ...at, '--name', 'Contoso', '--logo', logo]);
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Name\s+Contoso\s+Logo\s+none/) });
    expect(sent(`PATCH ${path}`)).toEqual({
      match: '"0"',
      key: 'string',
      body: {
        displayName: 'Contoso',
        logo: { mediaType: 'image/png', data: Buffer.from('a picture').toString('base64') },
      },
    });
    await cli(service, ['branding', 'set', ...at, '--clear-logo', '--sign-in-text', 'Hello']);
    expect(sent(`PATCH ${path}`, 1)).toMatchObject({ match: '"3"', body: { logo: null, signInText: 'Hello' } });
    expect((await cli(service, ['branding', 'set', ...at])).exitCode).toBe(2);
    expect((await cli(service, ['branding', 'set', ...at, '--logo', 'logo.gif'])).exitCode).toBe(2);
    expect((await cli(service, ['branding', 'show', ...at, '--output', 'json'])).stdout).toContain('"etag": "\\"3\\""');
    expect((await cli(service, ['branding', 'delete', ...at])).exitCode).toBe(0);
    expect(sent(`DELETE ${path}`)).toMatchObject({ match: '"3"', key: 'string' });
    rmSync(folder, { recursive: true });
  });

  it('lists, creates, changes and deletes groups of users', async () => {
    const path = `${tenant}/userGroups`;
    const group = { id, displayName: 'Teachers', memberIds: [user], createdAt: 'now', etag: '"7"' };
    service.plays(`GET ${path}`, answers(200, { value: [group] }));
    service.plays(`POST ${path}`, answers(201, group));
    service.plays(`PATCH ${path}/${id}`, answers(200, group));
    service.plays(`DELETE ${path}/${id}`, nothing);
    expect((await cli(service, ['user-groups', 'list', ...at])).stdout).toMatch(/Teachers\s+1/);
    await cli(service, ['user-groups', 'create', ...at, '--name', 'Teachers', '--member', user]);
    expect(sent(`POST ${path}`).body).toEqual({ displayName: 'Teachers', memberIds: [user] });
    await cli(service, ['user-groups', 'update', id, ...at, '--clear-members']);
    expect(sent(`PATCH ${path}/${id}`)).toMatchObject({ match: '"7"', body: { memberIds: [] } });
    expect((await cli(service, ['user-groups', 'update', id, ...at])).exitCode).toBe(2);
    expect((await cli(service, ['user-groups', 'update', user, ...at, '--name', 'X'])).exitCode).toBe(2);
    expect((await cli(service, ['user-groups', 'delete', id, ...at, '--if-match', '"6"'])).exitCode).toBe(0);
    expect(sent(`DELETE ${path}/${id}`).match).toBe('"6"');
  });

  it('lists, approves and withdraws applications', async () => {
    const path = `${tenant}/approvedApps`;
    const app = { id, displayName: 'Reader', addedAt: '2026-11-21T03:00:00.000Z' };
    service.plays(`GET ${path}`, answers(200, { value: [app] }));
    service.plays(`POST ${path}`, answers(200, app));
    service.plays(`DELETE ${path}/${id}`, nothing);
    expect((await cli(service, ['apps', 'list', ...at])).stdout).toMatch(/Reader\s+2026-11-21/);
    expect((await cli(service, ['apps', 'approve', id, ...at, '--name', 'Reader'])).stdout).toMatch(/Name\s+Reader/);
    expect(sent(`POST ${path}`).body).toEqual({ id, displayName: 'Reader' });
    expect((await cli(service, ['apps', 'withdraw', id, ...at, '--output', 'json'])).stdout).toContain(
      '"withdrawn": true',
    );
  });

  it('shows what is known of a platform and who said it, says it, and takes it back', async () => {
    const path = `${tenant}/devices/${id}/facts`;
    const sources = { osFamily: 'hash', deviceType: null, tpmVersion: 'admin' };
    const facts = { osFamily: 'windows_11', deviceType: null, tpmVersion: '2.0', sources, etag: '"2"' };
    service.plays(`GET ${path}`, answers(200, facts));
    service.plays(`PATCH ${path}`, answers(200, facts));
    expect((await cli(service, ['devices', 'platform', id, ...at])).stdout).toMatch(
      /OS family\s+windows_11 \(hash\)\s+Device type\s+unknown\s+TPM\s+2\.0 \(admin\)/,
    );
    await cli(service, ['devices', 'platform', id, ...at, '--os-family', 'windows_11_se', '--tpm', 'unsaid']);
    expect(sent(`PATCH ${path}`)).toMatchObject({
      match: '"2"',
      body: { osFamily: 'windows_11_se', tpmVersion: null },
    });
    expect((await cli(service, ['devices', 'platform', id, ...at, '--os-family', 'dos'])).exitCode).toBe(2);
  });
});
