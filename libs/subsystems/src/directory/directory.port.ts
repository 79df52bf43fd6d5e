import type { Page, PageRequest } from '../page.js';

/** How a device belongs to the directory; null: it has not joined. Source: domain.md 4. */
export type TrustType = 'AzureAd' | 'ServerAd' | 'Workplace' | null;

/** A device object to create ahead of the device's first start. Source: domain.md 4. */
export interface DeviceObjectRequest {
  registrationId: string;
  /** Before enrolment the display name is the serial number. */
  displayName: string;
  serialNumber: string | null;
  physicalIds: string[];
}

/** What a registration writes onto an object that is there already. */
export interface TagRequest {
  registrationId: string;
  objectId: string;
  /** Only the tags of a registration: `[ZTDID]`, `[OrderId]`, `[PurchaseOrderId]`. What else the object carries stays. */
  physicalIds: string[];
}

/** Who still needs an object. The directory drops one that nobody needs; one that stays says why. */
export type ObjectUse = 'registration' | 'management' | 'join' | 'on_premises_computer';

/** One device object as the directory shows it. */
export interface DirectoryObject {
  objectId: string;
  /** The registration that the object was created or tagged for; it stays readable after its release, while the object stays. */
  registrationId: string | null;
  displayName: string;
  physicalIds: string[];
  trustType: TrustType;
  accountEnabled: boolean;
  /** Never empty: what is unused is gone. `registration` is missing once the registration was released. */
  usedBy: ObjectUse[];
}

/** An object that is read by its registration. */
export interface ObservedDeviceObject extends DirectoryObject {
  registrationId: string;
}

/** Why the directory will not do what was asked for one device. The others of the request are done. */
export type DirectoryRefusalReason =
  /** `preCreate`: a joined object of that name is there (814); `tag` is for those. */
  | 'already_joined'
  /** `tag`: the tenant has no such object. */
  | 'no_such_object'
  /** `tag`: another registration holds the object. */
  | 'tagged_for_another'
  /** `tag`: the registration holds another object. */
  | 'has_another_object';

export interface DirectoryRefusal {
  registrationId: string;
  reason: DirectoryRefusalReason;
}

/** What the directory answers to "what became of this request, and what is there now?" */
export interface DirectoryObservation {
  /** Whether the directory has worked through the request. Until then what is missing may still come, and what is there may still go. */
  applied: boolean;
  /** Empty until the request was applied; in no order. */
  objects: ObservedDeviceObject[];
  refusals: DirectoryRefusal[];
}

/** By what objects are looked up; several match where names repeat. */
export type ObjectSelector =
  | { registrationIds: readonly string[] }
  | { objectIds: readonly string[] }
  /** Joined objects only, whatever their trust type: what asks for names wants to know what is in the way. */
  | { joinedAs: readonly string[] };

/**
 * The directory, as far as it is any of our business. It has no delete: an object that nothing uses any more is dropped by
 * the directory itself, and we observe that.
 *
 * Every act takes a set and carries a key chosen beforehand, `{runId}/{step}/{chunk or device}`: the same key is the same request,
 * whatever happened to the first answer. An act returns once the directory has *taken* the request. An accepted act is not a
 * done one: read it back with `observe` under the same key. Requests of a tenant take effect in the order in which they were taken.
 *
 * A call that is not answered throws a {@link NeighbourFault}; it may have been taken all the same, so it is repeated with the same key.
 */
export interface DirectoryPort {
  /**
   * Asks for device objects. A registration has one object: asking again for one that has its object changes nothing.
   *
   * It also takes back a release: an object that stayed, because something else needed it, is the registration's again, with these
   * physicalIds; where it was dropped there is a new one with another object id.
   *
   * Refuses `already_joined` where a joined object of that display name exists that is not the registration's own.
   */
  preCreate(key: string, tenantId: string, objects: readonly DeviceObjectRequest[]): Promise<void>;

  /**
   * Writes a registration's physicalIds onto an object that exists: one that joined by itself (never 814; its trust type stays), or
   * the registration's own, whose tags changed. Other physicalIds of the object stay.
   *
   * Refuses `no_such_object`, `tagged_for_another` and `has_another_object`.
   */
  tag(key: string, tenantId: string, tags: readonly TagRequest[]): Promise<void>;

  /**
   * Says that these registrations are no more. Each object loses their tags; one that nothing else uses is then dropped by the
   * directory. Observed ends: no object (gone), or an object without the use `registration` (kept, because of its other uses). A
   * registration that has no object is fine.
   */
  release(key: string, tenantId: string, registrationIds: readonly string[]): Promise<void>;

  /** Reads back what became of a request, and the objects of these registrations. An unknown key has not been applied. */
  observe(key: string, tenantId: string, registrationIds: readonly string[]): Promise<DirectoryObservation>;

  /** What is there now, whoever asked for it. */
  read(tenantId: string, selector: ObjectSelector): Promise<DirectoryObject[]>;

  /** Every object of the tenant, page by page, ordered by object id. */
  list(tenantId: string, page: PageRequest): Promise<Page<DirectoryObject>>;
}
