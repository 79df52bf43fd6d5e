import { openScan, saveFindings } from '@groundcrew/persistence/without-orm';
import type { ScanPart } from '@groundcrew/workflows';
import type pg from 'pg';
import type { Neighbours } from '../neighbours/open-neighbours.js';
import { compareStore } from './compare-store.js';
import { repairOrphans } from './repair-orphans.js';

export interface ScanTools extends Neighbours {
  pool: pg.Pool;
  /** How long one attempt watches a neighbour before it makes room for others, in milliseconds. */
  observePatienceMs: number;
}

/** How many things are compared at once, and how many pages of them one activity goes through. */
const pageSize = 1_000;
const pagesAtOnce = 10;

/** Compares some pages of a store with the others: repairs what may be repaired, or writes down what is left alone. */
export async function scanPart(tools: ScanTools, part: ScanPart): Promise<{ next: string | null }> {
  const { repair } = await openScan(tools.pool, part);
  let after = part.after;
  for (let page = 0; page < pagesAtOnce; page += 1) {
    const { orphans, next } = await compareStore(tools, part.tenantId, part.store, { after, limit: pageSize });
    if (part.pass === 'comparing') await saveFindings(tools.pool, part, orphans);
    else {
      const mendable = orphans.filter((orphan) => repair.includes(orphan.class));
      await repairOrphans(tools, part, after, mendable);
    }
    after = next;
    if (after === null) break;
  }
  return { next: after };
}
