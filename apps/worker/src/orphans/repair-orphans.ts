import { physicalIdsOf, type Orphan, type OrphanClass } from '@groundcrew/domain';
import { listComparedRegistrations, type ComparedRegistration } from '@groundcrew/persistence/without-orm';
import type { ScanPart } from '@groundcrew/workflows';
import { askNeighbour } from '../neighbours/ask-neighbour.js';
import { lookUntil, toldByTheFailure } from '../neighbours/look-until.js';
import type { ScanTools } from './scan-part.js';

/**
 * Mends what a page of a scan has found, over sets, and waits until the neighbours have worked through it. Whether it helped, the next
 * pass of the scan sees.
 *
 * @param after the page's place, which makes the key: a repetition is the same request
 */
export async function repairOrphans(
  tools: ScanTools,
  part: ScanPart,
  after: string | null,
  orphans: readonly Orphan[],
): Promise<void> {
  for (const each of Object.keys(repairs) as (keyof typeof repairs)[]) {
    const found = orphans.filter((orphan) => orphan.class === each);
    if (found.length === 0) continue;
    const key = `${part.runId}/repair_${each}/${after ?? 'first'}`;
    const { ask, isApplied } = repairs[each];
    await askNeighbour(toldByTheFailure, () => ask(tools, key, part.tenantId, found));
    await lookUntil({ patienceMs: tools.observePatienceMs, note: toldByTheFailure }, async () =>
      (await isApplied(tools, key, part.tenantId))
        ? { seen: true }
        : { missing: 'a neighbour has not worked through a repair yet' },
    );
  }
}

interface Repair {
  ask(tools: ScanTools, key: string, tenantId: string, orphans: readonly Orphan[]): Promise<void>;
  isApplied(tools: ScanTools, key: string, tenantId: string): Promise<boolean>;
}

const byDirectory: Repair['isApplied'] = async ({ directory }, key, tenantId) =>
  (await directory.observe(key, tenantId, [])).applied;

/** What the directory's objects are to say, from the registrations as they are now. */
async function registrationsOf(
  { pool }: ScanTools,
  tenantId: string,
  orphans: readonly Orphan[],
): Promise<(ComparedRegistration & { physicalIds: string[] })[]> {
  const only = orphans.flatMap((orphan) => orphan.registrationId ?? []);
  const found = await listComparedRegistrations(pool, tenantId, { only });
  return found.map((registration) => ({ ...registration, physicalIds: physicalIdsOf(registration) }));
}

const repairs = {
  registration_without_object: {
    isApplied: byDirectory,
    async ask(tools, key, tenantId, orphans) {
      const wanted = await registrationsOf(tools, tenantId, orphans);
      const objects = wanted.map(({ registrationId, serialNumber, physicalIds }) => ({
        registrationId,
        displayName: serialNumber ?? registrationId,
        serialNumber,
        physicalIds,
      }));
      await tools.directory.preCreate(key, tenantId, objects);
    },
  },
  registration_untagged: {
    isApplied: byDirectory,
    async ask(tools, key, tenantId, orphans) {
      const wanted = await registrationsOf(tools, tenantId, orphans);
      const registrationIds = wanted.map(({ registrationId }) => registrationId);
      const objects = new Map(
        (await tools.directory.read(tenantId, { registrationIds })).map((object) => [object.registrationId, object]),
      );
      const tags = wanted.flatMap(({ registrationId, physicalIds }) => {
        const object = objects.get(registrationId);
        return object === undefined ? [] : [{ registrationId, objectId: object.objectId, physicalIds }];
      });
      await tools.directory.tag(key, tenantId, tags);
    },
  },
  object_without_registration: {
    isApplied: byDirectory,
    ask: ({ directory }, key, tenantId, orphans) =>
      directory.release(
        key,
        tenantId,
        orphans.flatMap((orphan) => orphan.registrationId ?? []),
      ),
  },
  object_without_management: {
    isApplied: async ({ management }, key, tenantId) => (await management.observe(key, tenantId)).applied,
    ask: ({ management }, key, tenantId, orphans) =>
      management.disown(
        key,
        tenantId,
        orphans.map((orphan) => orphan.subject),
      ),
  },
  partner_view_without_registration: {
    isApplied: async ({ partnerView }, key, tenantId) => (await partnerView.observe(key, tenantId)).applied,
    ask: ({ partnerView }, key, tenantId, orphans) =>
      partnerView.hide(
        key,
        tenantId,
        orphans.map((orphan) => orphan.subject),
      ),
  },
} satisfies Partial<Record<OrphanClass, Repair>>;
