import { judgeManaged, judgeObject, judgePartnerView, judgeRegistration, type Orphan } from '@groundcrew/domain';
import { findRegistrations, listComparedRegistrations } from '@groundcrew/persistence/without-orm';
import type { DirectoryObject, ManagedDevice, PartnerViewEntry } from '@groundcrew/subsystems';
import type { ScannedStore } from '@groundcrew/workflows';
import { noteEnrolled } from '../neighbours/note-enrolled.js';
import type { ScanTools } from './scan-part.js';

interface PagePlace {
  after: string | null;
  limit: number;
}

/** How one store is gone through, and how what lies in it is compared with the others. */
interface StoreComparison<Item> {
  page(tools: ScanTools, tenantId: string, place: PagePlace): Promise<{ items: Item[]; next: string | null }>;
  /** Reads them again; what is gone meanwhile is left out. */
  again(tools: ScanTools, tenantId: string, ids: readonly string[]): Promise<Item[]>;
  judge(tools: ScanTools, tenantId: string, items: readonly Item[]): Promise<Orphan[]>;
}

/**
 * Compares a page of a store with the others, over sets. The stores are read one after the other, so what looks left alone is read a
 * second time: only what is so twice is found.
 */
export async function compareStore(
  tools: ScanTools,
  tenantId: string,
  store: ScannedStore,
  place: PagePlace,
): Promise<{ orphans: Orphan[]; next: string | null }> {
  return comparePage(tools, tenantId, comparisons[store] as StoreComparison<unknown>, place);
}

async function comparePage<Item>(
  tools: ScanTools,
  tenantId: string,
  comparison: StoreComparison<Item>,
  place: PagePlace,
): Promise<{ orphans: Orphan[]; next: string | null }> {
  const { items, next } = await comparison.page(tools, tenantId, place);
  const suspects = await comparison.judge(tools, tenantId, items);
  if (suspects.length === 0) return { orphans: [], next };
  const ids = suspects.map((orphan) => orphan.subject);
  const orphans = await comparison.judge(tools, tenantId, await comparison.again(tools, tenantId, ids));
  return { orphans, next };
}

interface RegisteredItem {
  registrationId: string;
  serialNumber: string | null;
}

const registration: StoreComparison<RegisteredItem> = {
  async page({ pool }, tenantId, { after, limit }) {
    const items = await listComparedRegistrations(pool, tenantId, { after, limit });
    return { items, next: items.length === limit ? items.at(-1)!.registrationId : null };
  },
  again: ({ pool }, tenantId, ids) => listComparedRegistrations(pool, tenantId, { only: ids }),
  async judge({ directory }, tenantId, items) {
    const registrationIds = items.map((item) => item.registrationId);
    const objects = new Map(
      (await directory.read(tenantId, { registrationIds })).map((object) => [object.registrationId, object]),
    );
    return found(items.map((item) => judgeRegistration(item, objects.get(item.registrationId) ?? null)));
  },
};

const directoryObjects: StoreComparison<DirectoryObject> = {
  page: ({ directory }, tenantId, place) => directory.list(tenantId, toPageRequest(place)),
  again: ({ directory }, tenantId, objectIds) => directory.read(tenantId, { objectIds }),
  async judge({ pool, management }, tenantId, objects) {
    const registrationIds = objects.flatMap((object) => object.registrationId ?? []);
    const { registered, busy } = await findRegistrations(pool, tenantId, registrationIds);
    const directoryObjectIds = objects
      .filter((object) => object.usedBy.includes('management'))
      .map((object) => object.objectId);
    const enrolled = await management.read(tenantId, { directoryObjectIds });
    const managed = new Set(enrolled.map((device) => device.directoryObjectId));
    return found(
      objects.map((object) => {
        const id = object.registrationId ?? '';
        return busy.has(id) ? null : judgeObject(object, registered.has(id), managed.has(object.objectId));
      }),
    );
  },
};

const managedDevices: StoreComparison<ManagedDevice> = {
  async page({ pool, management }, tenantId, place) {
    const page = await management.list(tenantId, toPageRequest(place));
    await noteEnrolled(pool, tenantId, page.items);
    return page;
  },
  again: ({ management }, tenantId, managedDeviceIds) => management.read(tenantId, { managedDeviceIds }),
  async judge({ pool, directory }, tenantId, devices) {
    const { registered, busy, optedOut } = await findRegistrations(
      pool,
      tenantId,
      devices.flatMap((device) => device.registrationId ?? []),
      devices.flatMap((device) => device.serialNumber ?? []),
    );
    const objectIds = devices.flatMap((device) => device.directoryObjectId ?? []);
    const objects = new Set((await directory.read(tenantId, { objectIds })).map((object) => object.objectId));
    return found(
      devices.map((device) => {
        const id = device.registrationId ?? '';
        if (busy.has(id)) return null;
        const isOptedOut = optedOut.has(id) || optedOut.has(device.serialNumber ?? '');
        return judgeManaged(device, registered.has(id), objects.has(device.directoryObjectId ?? ''), isOptedOut);
      }),
    );
  },
};

const partnerViewEntries: StoreComparison<PartnerViewEntry> = {
  page: ({ partnerView }, tenantId, place) => partnerView.list(tenantId, toPageRequest(place)),
  again: ({ partnerView }, tenantId, ids) => partnerView.read(tenantId, ids),
  async judge({ pool }, tenantId, entries) {
    const ids = entries.map((entry) => entry.registrationId);
    const { registered, busy } = await findRegistrations(pool, tenantId, ids);
    return found(
      entries.map((entry) =>
        busy.has(entry.registrationId) ? null : judgePartnerView(entry, registered.has(entry.registrationId)),
      ),
    );
  },
};

const comparisons = {
  registration,
  directory: directoryObjects,
  management: managedDevices,
  partner_view: partnerViewEntries,
} satisfies Record<ScannedStore, unknown>;

function toPageRequest({ after, limit }: PagePlace) {
  return { limit, ...(after !== null && { after }) };
}

function found(judged: readonly (Orphan | null)[]): Orphan[] {
  return judged.filter((orphan) => orphan !== null);
}
