import { listActiveTenants, closeScan, openScan, requestScheduledScan } from '@groundcrew/persistence/without-orm';
import type { OrphanScanActivities } from '@groundcrew/workflows';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { toldByTheFailure } from '../neighbours/look-until.js';
import { keepAlive } from '../temporal/keep-alive.js';
import { scanPart, type ScanTools } from './scan-part.js';

export type OrphanScanTools = ScanTools;

const tenantsAtOnce = 100;

/** What the workflow of an orphan scan needs, on the real registry and the real neighbours. */
export function createOrphanScanActivities(tools: OrphanScanTools): OrphanScanActivities {
  const { pool } = tools;
  return {
    openOrphanScan: (run) =>
      keepAlive(async () => {
        const { closed, repair } = await openScan(pool, run);
        return { closed, repairs: repair.length > 0 };
      }),

    scanStore: (part) => keepAlive(() => askNeighbour(toldByTheFailure, () => scanPart(tools, part))),

    closeOrphanScan: (run) => keepAlive(() => closeScan(pool, run)),

    requestScans: (after) =>
      keepAlive(async () => {
        const tenants = await listActiveTenants(pool, after, tenantsAtOnce);
        for (const tenantId of tenants) await requestScheduledScan(pool, tenantId);
        return { next: tenants.length === tenantsAtOnce ? tenants.at(-1)! : null };
      }),
  };
}
