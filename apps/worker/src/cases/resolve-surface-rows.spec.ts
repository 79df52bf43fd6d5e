import { describe, expect, it } from '@jest/globals';
import { emptyRow, surfaceManufacturer } from '@groundcrew/domain';
import { fileChunk, loadOpenChunk, partContext, registerChunk } from '@groundcrew/persistence/without-orm';
import type pg from 'pg';
import { aDevice, digests, hashOf } from '../../../../test/support/hardware.js';
import { type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { decideHardwareReport } from '../makers/decide-hardware-report.js';
import { resolveNamedRows } from '../makers/resolve-on-file.js';
import { decideChunk } from '../registration/decide-chunk.js';
import { resolveSurfaceRows } from './resolve-surface-rows.js';

describe('a Surface device that is named by its serial number', () => {
  let registry: Registry;
  let worker: pg.Pool;
  registrySuite('worker', 3, (opened) => {
    ({ registry, pool: worker } = opened);
  });

  const tools = () => ({ sealer: registry.sealer, digests, nowMs: Date.now() });
  const surface = (serialNumber: string, model: string, seed: number) => ({
    manufacturer: surfaceManufacturer,
    model,
    serialNumber,
    hardwareIdentifier: hashOf(aDevice(seed, (device) => device.board.tpm !== null)),
  });

  it('is what its maker has on file under it, and nothing is guessed where that is nothing or two things', async () => {
    const maker = await registry.aPartner();
    const uploaded = [
      surface('900000000001', 'Surface Pro', 8_101),
      surface('900000000002', 'Surface Pro', 8_102),
      surface('900000000002', 'Surface Laptop', 8_103),
      { ...surface('900000000003', 'Book', 8_104), manufacturer: 'Fabrikam' },
    ];
    const parts = [uploaded.map((row) => JSON.stringify(row))];
    const runId = await registry.anOrder({ tenantId: maker, partnerId: maker, parts, kind: 'hardware_report' });
    const upload = { runId, tenantId: maker, chunk: 1 };
    const report = (await loadOpenChunk(worker, upload))!;
    const body = registry.sealer.open(report.sealedBody, partContext(runId, 1));
    await fileChunk(worker, upload, decideHardwareReport(maker, report, body, tools()));

    const tenantId = await registry.aTenant();
    const serials = ['900000000001', '900000000002', '900000000003', '900000000004'];
    const rows = serials.map((serialNumber) => ({ ...emptyRow(), manufacturer: surfaceManufacturer, serialNumber }));
    const asked = [[...rows.map((row) => JSON.stringify(row)), JSON.stringify({ manufacturer: surfaceManufacturer })]];
    const caseRun = await registry.anOrder({ tenantId, partnerId: null, parts: asked, kind: 'surface_case' });
    const key = { runId: caseRun, tenantId, chunk: 1 };
    const open = (await loadOpenChunk(worker, key))!;
    const part = registry.sealer.open(open.sealedBody, partContext(caseRun, 1));
    const decision = await decideChunk(open, part, tools(), (named) =>
      resolveSurfaceRows(worker, named, (whole) => resolveNamedRows(worker, whole, tools())),
    );
    expect(await registerChunk(worker, key, decision, registry.sealer)).toMatchObject({ awaiting: 1 });
    const devices = await registry.admin.query(
      'select registrar_kind, source_line from registry.device where tenant_id = $1',
      [tenantId],
    );
    expect(devices.rows).toEqual([{ registrar_kind: 'tenant', source_line: 1 }]);
    const items = await registry.admin.query(
      'select line, verdict from registry.run_item where run_id = $1 order by line',
      [caseRun],
    );
    expect(items.rows).toEqual([
      { line: 2, verdict: 'not_unique' },
      { line: 3, verdict: 'not_on_file' },
      { line: 4, verdict: 'not_on_file' },
      { line: 5, verdict: 'identity_missing' },
    ]);
  });
});
