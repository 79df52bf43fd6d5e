/** A device object to create ahead of the device's first start. Source: domain.md 4. */
export interface DeviceObjectRequest {
  registrationId: string;
  /** Before enrolment the display name is the serial number. */
  displayName: string;
  serialNumber: string | null;
  physicalIds: string[];
}

/** One device object as the directory shows it. */
export interface ObservedDeviceObject {
  registrationId: string;
  objectId: string;
  physicalIds: string[];
}

/** Why the directory will not have an object. */
export interface DirectoryRefusal {
  registrationId: string;
  reason: 'already_joined';
}

/** What the directory answers to "what became of this request, and what is there now?" */
export interface DirectoryObservation {
  /** Whether the directory has worked through the request. Until then what is missing may still come. */
  applied: boolean;
  objects: ObservedDeviceObject[];
  refusals: DirectoryRefusal[];
}

/**
 * The directory, as far as it is any of our business. It has no delete: an object that nothing uses any more is dropped by
 * the directory itself, and we observe that.
 *
 * Every act carries a key chosen beforehand and may be repeated. An accepted act is not a done one: read it back.
 */
export interface DirectoryPort {
  /**
   * Asks for device objects.
   *
   * @param key `{runId}/{step}/{chunk}`; the same key is the same request, whatever happened to the first answer
   * @returns once the directory has taken the request; the objects come later
   */
  preCreate(key: string, tenantId: string, objects: readonly DeviceObjectRequest[]): Promise<void>;

  /** Reads back what became of a request. */
  observe(key: string, tenantId: string, registrationIds: readonly string[]): Promise<DirectoryObservation>;
}
