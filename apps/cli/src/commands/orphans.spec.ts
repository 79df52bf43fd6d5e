import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRun, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { ScriptedService, answers } from '../testing/scripted-service.js';

describe('orphans through the CLI', () => {
  const service = new ScriptedService();
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  it('lists what is left alone and how it is repaired', async () => {
    const orphans = `GET /v1/tenants/${tenantId}/orphans`;
    service.plays(
      orphans,
      answers(200, {
        value: [
          {
            class: 'object_without_registration',
            subject: '44444444-4444-4444-8444-444444444444',
            serialNumber: 'S1',
            firstSeenAt: '2026-11-21T03:00:05.000Z',
            proposal: { run: 'repair', sentence: 'Release it.' },
          },
        ],
      }),
    );
    const asked = ['orphans', 'list', '--tenant', tenantId, '--class', 'object_without_registration', '--resolved'];
    const { stdout } = await cli(service, asked);
    expect(stdout).toMatch(
      /object_without_registration\s+44444444\S+\s+S1\s+2026-11-21T03:00:05\S*\s+repair\s+Release it\./,
    );
    expect(stdout).not.toContain('--repair');
    expect(service.at(orphans).map(({ query }) => query)).toMatchObject([
      { class: 'object_without_registration', resolved: 'true' },
    ]);
  });

  it('names the scan that repairs what is listed', async () => {
    const orphan = { subject: tenantId, serialNumber: null, firstSeenAt: '2026-11-21T03:00:05.000Z' };
    const found = (name: string, run: string) => ({ ...orphan, class: name, proposal: { run, sentence: 'So.' } });
    service.plays(
      `GET /v1/tenants/${tenantId}/orphans`,
      answers(200, {
        value: [
          found('object_without_management', 'repair'),
          found('registration_untagged', 'repair'),
          found('object_without_management', 'repair'),
          found('management_without_registration', 'registration'),
        ],
      }),
    );
    const { stdout } = await cli(service, ['orphans', 'list', '--tenant', tenantId]);
    expect(stdout).toContain(
      `orphans scan --tenant ${tenantId} --repair object_without_management registration_untagged\n`,
    );
  });

  it('asks for a scan, with what it may repair', async () => {
    const scans = `POST /v1/tenants/${tenantId}/orphanScans`;
    service.plays(scans, answers(202, aRun({ kind: 'orphan_scan' })));
    const { exitCode } = await cli(service, [
      ...['orphans', 'scan', '--tenant', tenantId],
      ...['--repair', 'object_without_registration', 'registration_untagged'],
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(service.at(scans)[0]!.body)).toEqual({
      repair: ['object_without_registration', 'registration_untagged'],
    });
  });
});
