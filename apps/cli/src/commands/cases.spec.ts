import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aRun, runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { answers, ScriptedService } from '../testing/scripted-service.js';

const caseId = '55555555-5555-4555-8555-555555555555';
const asked = {
  id: caseId,
  tenantId,
  domain: 'contoso.example',
  serialNumbers: ['012345678901'],
  state: 'requested',
  reason: null,
  createdAt: '2026-11-21T03:00:00.000Z',
  decidedAt: null,
  operationId: null,
};

describe('cases', () => {
  const service = new ScriptedService();
  let folder: string;
  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
    folder = await mkdtemp(join(tmpdir(), 'groundcrew-cli-'));
  });
  afterEach(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  it('are opened with serial numbers and a proof', async () => {
    const [serials, proof] = [join(folder, 'serials.txt'), join(folder, 'invoice.pdf')];
    await writeFile(serials, '012345678901\n');
    await writeFile(proof, '%PDF-1.7');
    service.plays(`POST /v1/tenants/${tenantId}/surfaceCases`, answers(201, asked));
    const argv = ['--tenant', tenantId, '--domain', 'contoso.example', '--serials', serials, '--proof', proof];
    const { exitCode, stdout } = await cli(service, ['cases', 'open', ...argv]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(caseId);
    expect(JSON.parse(service.seen[0]!.body)).toEqual({
      domain: 'contoso.example',
      serialNumbers: '012345678901\n',
      proofOfOwnership: { mediaType: 'application/pdf', content: Buffer.from('%PDF-1.7').toString('base64') },
    });
  });

  it('are listed, shown, approved and declined', async () => {
    service.plays('GET /v1/surfaceCases', answers(200, { value: [asked] }));
    service.plays(`GET /v1/surfaceCases/${caseId}`, answers(200, asked));
    service.plays(`POST /v1/surfaceCases/${caseId}/approvals`, answers(202, aRun({ kind: 'surface_case' })));
    service.plays(
      `POST /v1/surfaceCases/${caseId}/declines`,
      answers(200, { ...asked, state: 'declined', reason: 'No' }),
    );
    expect((await cli(service, ['cases', 'list', '--state', 'requested'])).stdout).toContain(caseId);
    expect(service.seen[0]!.query).toMatchObject({ state: 'requested' });
    expect((await cli(service, ['--output', 'json', 'cases', 'show', caseId])).stdout).toContain('"requested"');
    expect((await cli(service, ['cases', 'approve', caseId, '--key', 'k1'])).stdout).toContain(runId);
    expect((await cli(service, ['cases', 'decline', caseId, '--reason', 'No'])).stdout).toContain('declined');
    expect(JSON.parse(service.seen.at(-1)!.body)).toEqual({ reason: 'No' });
  });
});
