/**
 * What lies in one store and misses its counterpart in another. Registration, directory, management and the partner view are told
 * about a device one after the other, by people and by runs; where that stopped halfway, something is left. Source: domain.md 8.2, 8.7.
 */
export const orphanClasses = [
  /** Registered, and the directory has no object for it: groups and profiles never reach the device. */
  'registration_without_object',
  /** Registered, and its object does not carry the registration's tag: somebody deleted the object and it was made again. */
  'registration_untagged',
  /** The directory believes in a registration that is not there. */
  'object_without_registration',
  /** The directory says that a device is managed which management does not know. */
  'object_without_management',
  /** Enrolled through a registration that is not there any more, and nobody opted out. */
  'management_without_registration',
  /** Enrolled and joined, and the directory has no such object: its device cannot sign in. */
  'management_without_object',
  /** Partners see a registration that is not there. */
  'partner_view_without_registration',
] as const;
export type OrphanClass = (typeof orphanClasses)[number];

/** What repairs an orphan. */
export interface OrphanRepair {
  /** `repair`: the scan's own run does it when it is told to. Else the run that a person starts, with the words to look for. */
  run: 'repair' | 'deregistration' | 'registration' | 'nobody';
  sentence: string;
}

/** Which run repairs which class. One list: each finding proposes its line. */
export const orphanRepairs: Record<OrphanClass, OrphanRepair> = {
  registration_without_object: {
    run: 'repair',
    sentence: 'Ask the directory for the object again; it gets the tags of the registration.',
  },
  registration_untagged: {
    run: 'repair',
    sentence: 'Write the tags of the registration onto the object again; its join stays.',
  },
  object_without_registration: {
    run: 'repair',
    sentence: 'Release the registration in the directory; it drops the object unless something else uses it.',
  },
  object_without_management: {
    run: 'repair',
    sentence: 'Have management say that it does not know the device; a join or a registration keeps its object.',
  },
  management_without_registration: {
    run: 'registration',
    sentence: 'Register the device again by its hash, or remove it in management if it left the organisation.',
  },
  management_without_object: {
    run: 'deregistration',
    sentence: 'Deregister the device and register it again; its object is then made anew.',
  },
  partner_view_without_registration: {
    run: 'repair',
    sentence: 'Hide the registration from partners.',
  },
};

/** What is proposed for one finding: a device that was never registered cannot be deregistered, so nobody can help it from here. */
export function proposedRepair({ class: orphan, evidence }: Pick<Orphan, 'class' | 'evidence'>): OrphanRepair {
  if (orphan === 'management_without_object' && evidence['registration'] !== 'registered') {
    return {
      run: 'nobody',
      sentence: 'It is not registered here, so no run reaches it: its user joins it again, or management removes it.',
    };
  }
  return orphanRepairs[orphan];
}

/** The classes that a scan repairs where it is told to. */
export const repairableOrphans = orphanClasses.filter((each) => orphanRepairs[each].run === 'repair');

export interface RegisteredFacts {
  registrationId: string;
  serialNumber: string | null;
}

export interface ObjectFacts {
  objectId: string;
  registrationId: string | null;
  displayName: string;
  physicalIds: readonly string[];
  trustType: string | null;
  usedBy: readonly string[];
}

export interface ManagedFacts {
  managedDeviceId: string;
  registrationId: string | null;
  directoryObjectId: string | null;
  serialNumber: string | null;
  /** It is on its way out: what is missing of it is meant to be. */
  retirePending: boolean;
}

export interface PartnerViewFacts {
  registrationId: string;
  serialNumber: string | null;
}

/** What was found, and what each store said. */
export interface Orphan {
  class: OrphanClass;
  /** The id of the thing that is left: registration, object or managed device. With the class it names the finding. */
  subject: string;
  registrationId: string | null;
  serialNumber: string | null;
  evidence: Record<string, unknown>;
}

/** @param object the object of this registration, where there is one that it uses */
export function judgeRegistration(registration: RegisteredFacts, object: ObjectFacts | null): Orphan | null {
  const { registrationId, serialNumber } = registration;
  const found = (orphan: OrphanClass, directory: object | string): Orphan => ({
    class: orphan,
    subject: registrationId,
    registrationId,
    serialNumber,
    evidence: { registration: 'registered', directory },
  });
  if (object === null || !object.usedBy.includes('registration'))
    return found('registration_without_object', object === null ? 'no object' : seen(object));
  if (!isTagged(object, registrationId)) return found('registration_untagged', seen(object));
  return null;
}

/** @param isManaged whether management has an enrolled device with this object */
export function judgeObject(object: ObjectFacts, isRegistered: boolean, isManaged: boolean): Orphan | null {
  const found = (orphan: OrphanClass, registration: string, management: string): Orphan => ({
    class: orphan,
    subject: object.objectId,
    registrationId: object.registrationId,
    serialNumber: object.trustType === null ? object.displayName : null,
    evidence: { registration, directory: seen(object), management },
  });
  if (object.usedBy.includes('registration') && !isRegistered)
    return found('object_without_registration', 'not registered', isManaged ? 'enrolled' : 'not enrolled');
  if (object.usedBy.includes('management') && !isManaged)
    return found('object_without_management', isRegistered ? 'registered' : 'not registered', 'not enrolled');
  return null;
}

/** @param optedOut the tenant said that this device is to stay enrolled and unregistered */
export function judgeManaged(
  device: ManagedFacts,
  isRegistered: boolean,
  hasObject: boolean,
  optedOut: boolean,
): Orphan | null {
  if (device.retirePending) return null;
  const found = (orphan: OrphanClass): Orphan => ({
    class: orphan,
    subject: device.managedDeviceId,
    registrationId: device.registrationId,
    serialNumber: device.serialNumber,
    evidence: {
      registration: isRegistered ? 'registered' : 'not registered',
      directory: hasObject ? 'object found' : 'no object',
      management: { registrationId: device.registrationId, directoryObjectId: device.directoryObjectId },
    },
  });
  if (device.directoryObjectId !== null && !hasObject) return found('management_without_object');
  if (device.registrationId !== null && !isRegistered && !optedOut) return found('management_without_registration');
  return null;
}

export function judgePartnerView(entry: PartnerViewFacts, isRegistered: boolean): Orphan | null {
  if (isRegistered) return null;
  return {
    class: 'partner_view_without_registration',
    subject: entry.registrationId,
    registrationId: entry.registrationId,
    serialNumber: entry.serialNumber,
    evidence: { registration: 'not registered', partnerView: 'shown' },
  };
}

/** Texts differ in the case of the tag, so it is compared without. Source: domain.md 4. */
function isTagged(object: ObjectFacts, registrationId: string): boolean {
  const tag = `[ztdid]:${registrationId}`.toLowerCase();
  return object.physicalIds.some((id) => id.toLowerCase() === tag);
}

function seen({ objectId, usedBy, physicalIds, trustType }: ObjectFacts): object {
  return { objectId, usedBy, physicalIds, trustType };
}
