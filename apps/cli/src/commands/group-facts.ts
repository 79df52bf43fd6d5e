import type { GroupView } from '@groundcrew/contracts';
import type { Cell } from '../output/table.js';

/** Where a tenant's groups are, or one of them. */
export function pathOfGroups(tenant: string, group?: string): string {
  const groups = `/tenants/${encodeURIComponent(tenant)}/groups`;
  return group === undefined ? groups : `${groups}/${encodeURIComponent(group)}`;
}

/** What is known about a group. */
export function factsOfGroup(group: GroupView & { operationId?: string | null }): (readonly [string, Cell])[] {
  return [
    ['Group', group.id],
    ['Name', group.displayName],
    ['Description', group.description],
    ['Membership', group.membership],
    ['Rule', group.rule],
    ['Created', group.createdAt],
    ['Version', group.etag],
    ['Run', group.operationId],
  ];
}
