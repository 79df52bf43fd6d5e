import type { TrustType } from '../directory/directory.port.js';
import type { Page, PageRequest } from '../page.js';
import type { RequestObservation } from '../requests/request-observation.js';

/** Whose a device is to management. A registered device counts as corporate, and in a school as the school's. Source: domain.md 12.1, 12.4. */
export type Ownership = TenantOwnership | 'personal';

/** Whose the devices of a tenant are that are nobody's own. */
export type TenantOwnership = 'corporate' | 'school';

export type OsFamily = 'windows' | 'holographic' | 'macos' | 'ios' | 'android' | 'linux';

export type DeviceType = 'desktop' | 'laptop' | 'tablet' | 'hololens' | 'phone' | 'virtual';

/** A person as a device knows them. */
export interface DeviceUser {
  userId: string;
  principalName: string;
}

/** One enrolled device. A device that was retired, and whose removal was applied, is not there any more. */
export interface ManagedDevice {
  managedDeviceId: string;
  /** Through which registration it was set up; null where it enrolled by itself. */
  registrationId: string | null;
  /** Its object in the directory; null where it is enrolled without having joined (management-only). */
  directoryObjectId: string | null;
  serialNumber: string | null;
  manufacturer: string | null;
  model: string | null;
  deviceName: string;
  deviceType: DeviceType;
  ownership: Ownership;
  os: { family: OsFamily; version: string };
  join: TrustType;
  /** The user who works with it; gone once the removal was applied. */
  primaryUser: DeviceUser | null;
  /** A recovery key lies with its directory object, and goes with that. */
  recoveryKeyEscrowed: boolean;
  enrolledAt: string;
  lastCheckInAt: string;
  /** Its removal was accepted and not yet applied: until then `restore` takes it back. */
  retirePending: boolean;
}

export interface ManagedUser extends DeviceUser {
  licences: string[];
}

/** A computer in the tenant's own domain, from which a hybrid device's object is synced. */
export interface OnPremisesComputer {
  directoryObjectId: string;
  name: string;
  removed: boolean;
}

/** By what enrolled devices are looked up; several match where serial numbers repeat. */
export type ManagedDeviceSelector =
  | { managedDeviceIds: readonly string[] }
  | { registrationIds: readonly string[] }
  | { directoryObjectIds: readonly string[] }
  | { serialNumbers: readonly string[] };

/** How an act ended for one device. Every outcome but `too_late` and the refusals is the wanted end. */
export type RetireOutcome =
  | 'done'
  /** There was no such device: fine, and recorded as such. */
  | 'already_absent'
  /** Taken back before it was applied. */
  | 'restored';
export type RestoreOutcome =
  | 'done'
  /** It was never asked to go. */
  | 'not_pending'
  /** The removal was applied before: only a new enrolment brings the device back. */
  | 'too_late';
export type UserOutcome = 'done' | 'already_absent';
export type ComputerOutcome = 'done' | 'already_absent';
export type DisownOutcome =
  | 'done'
  /** The directory did not believe it, or has no such object. */
  | 'already_absent'
  /** A device is enrolled with this object: nothing was said. */
  | 'enrolled';
export type HashOutcome = 'done' | 'no_such_device' | 'unsupported' | 'personal' | 'no_answer';

/** What a device said when it was asked for its hardware hash. */
export interface ReportedHash {
  managedDeviceId: string;
  /** Base64. Never logged, never in a workflow. */
  hardwareHash: string;
}

/** Whether a sync was taken. One at a time, and one per interval. Source: domain.md 9. */
export type SyncAnswer =
  | { taken: true }
  /** 409 while one runs, 429 too soon after the last one. */
  | { taken: false; reason: 'running' | 'too_soon'; retryAfterMs: number };

export interface SyncState {
  running: boolean;
  lastStartedAt: string | null;
  lastCompletedAt: string | null;
}

/**
 * The management system, as far as it is any of our business.
 *
 * Every act takes a set and carries a key chosen beforehand, `{runId}/{step}/{chunk or device}`: the same key is the same request,
 * whatever happened to the first answer. An act returns once management has *taken* the request; `observe` under the same key tells
 * when it was applied, and how it ended for each device. What is true now, `read` tells: only that is an observation.
 *
 * A call that is not answered throws a {@link NeighbourFault}; it may have been taken all the same, so it is repeated with the same key.
 */
export interface ManagementPort {
  /**
   * Asks that devices leave management: now `retirePending`, gone when applied. Then the device has also left the directory (its object
   * loses `management` and, unless it is hybrid, `join`), and its primary user is forgotten. Outcomes: {@link RetireOutcome}.
   */
  retire(key: string, tenantId: string, managedDeviceIds: readonly string[]): Promise<void>;

  /** Takes a removal back, as long as it has not been applied. Takes effect at once. Outcomes: {@link RestoreOutcome}. */
  restore(key: string, tenantId: string, managedDeviceIds: readonly string[]): Promise<void>;

  /** Says for whom registered devices are meant. Replaces who was there. Outcomes: {@link UserOutcome}. */
  assignUsers(
    key: string,
    tenantId: string,
    assignments: readonly ({ registrationId: string } & DeviceUser)[],
  ): Promise<void>;

  /** Registered devices are meant for nobody in particular. Outcomes: {@link UserOutcome}. */
  unassignUsers(key: string, tenantId: string, registrationIds: readonly string[]): Promise<void>;

  /** Says whose the tenant's devices are that are not personal: those that enrol from now on, and those that are enrolled. Takes effect at once. */
  setOwnership(key: string, tenantId: string, ownership: TenantOwnership): Promise<void>;

  /** Asks enrolled devices for their hardware hash; they answer when they check in. Outcomes: {@link HashOutcome}. */
  requestHashes(key: string, tenantId: string, managedDeviceIds: readonly string[]): Promise<void>;

  /** Removes the computers from which hybrid devices' objects are synced. Outcomes: {@link ComputerOutcome}. */
  removeComputers(key: string, tenantId: string, directoryObjectIds: readonly string[]): Promise<void>;

  /** Takes that back; an object that was dropped meanwhile is synced again under the same id. Outcomes: {@link ComputerOutcome}. */
  restoreComputers(key: string, tenantId: string, directoryObjectIds: readonly string[]): Promise<void>;

  /**
   * Asks management to say to the directory that it has no device with these objects, where that is so: the object loses `management`, and
   * nothing else. Outcomes: {@link DisownOutcome}.
   */
  disown(key: string, tenantId: string, directoryObjectIds: readonly string[]): Promise<void>;

  /**
   * What became of a request. An unknown key has not been applied.
   *
   * @returns each result's `target` is the id that was asked for
   */
  observe(key: string, tenantId: string): Promise<RequestObservation>;

  /** Enrolled devices, whoever asked for what. */
  read(tenantId: string, selector: ManagedDeviceSelector): Promise<ManagedDevice[]>;

  /** Every enrolled device of the tenant, page by page, ordered by id. */
  list(tenantId: string, page: PageRequest): Promise<Page<ManagedDevice>>;

  /** Who these registered devices are meant for; one without a user is left out. */
  readAssignedUsers(
    tenantId: string,
    registrationIds: readonly string[],
  ): Promise<({ registrationId: string } & DeviceUser)[]>;

  readUsers(tenantId: string, userIds: readonly string[]): Promise<ManagedUser[]>;

  /** The hashes that devices have reported since they were asked. */
  readHashes(tenantId: string, managedDeviceIds: readonly string[]): Promise<ReportedHash[]>;

  readComputers(tenantId: string, directoryObjectIds: readonly string[]): Promise<OnPremisesComputer[]>;

  /**
   * Asks management to look which devices are registered. Until it has, its list is as it was: a registration that was removed is
   * still in it.
   *
   * @param key the same key is the same sync: asked again it is still taken
   */
  sync(key: string, tenantId: string): Promise<SyncAnswer>;

  readSync(tenantId: string): Promise<SyncState>;

  /** Which of these registrations management lists, as of its last sync. Gone from here is the end of "wait until gone". */
  readRegistered(tenantId: string, registrationIds: readonly string[]): Promise<string[]>;
}
