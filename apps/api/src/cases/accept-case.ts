import { surfaceManufacturer } from '@groundcrew/domain';
import {
  acceptRun,
  keepCaseRows,
  partContext,
  uuidV7,
  type Run,
  type Scope,
  type Sealer,
  type SurfaceCase,
  type Unit,
} from '@groundcrew/persistence';
import { createHash } from 'node:crypto';

/** Makes the run of a case: its serial numbers become rows, and from there on they go the way of every order. */
export async function acceptCase(unit: Unit, scope: Scope, asked: SurfaceCase, sealer: Sealer): Promise<Run> {
  const runId = uuidV7(Date.now());
  const { tenantId, serialNumbers } = asked;
  const rows = serialNumbers.map((serialNumber) => JSON.stringify({ manufacturer: surfaceManufacturer, serialNumber }));
  const body = Buffer.from(`${rows.join('\n')}\n`);
  const sealed = sealer.seal(body, partContext(runId, 1));
  await keepCaseRows(unit, scope, { runId, tenantId, lines: rows.length, sealed });
  return await acceptRun(unit, {
    runId,
    kind: 'surface_case',
    tenantId,
    partnerId: null,
    orderId: null,
    consentId: null,
    // Whoever opened the case is told of its rows.
    requestedBy: asked.openedBy,
    validateOnly: false,
    received: rows.length,
    chunkCount: 1,
    sourceFormat: 'jsonl',
    bodyDigest: createHash('sha256').update(body).digest(),
    csvHeader: null,
    corrected: { line: 1, corrections: [] },
    defaults: {},
  });
}
