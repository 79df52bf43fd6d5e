import type { SurfaceCaseView } from '@groundcrew/contracts';
import type { Cell } from '../output/table.js';

/** What is known about a case. */
export function factsOfCase(asked: SurfaceCaseView): (readonly [string, Cell])[] {
  return [
    ['Case', asked.id],
    ['Tenant', asked.tenantId],
    ['Domain', asked.domain],
    ['State', asked.state],
    ['Reason', asked.reason],
    ['Opened', asked.createdAt],
    ['Decided', asked.decidedAt],
    ['Run', asked.operationId],
    ['Serial numbers', asked.serialNumbers.join(' ')],
  ];
}
