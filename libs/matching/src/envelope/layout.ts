/**
 * Names for the integers of "hardware report v1". Public: a collector for any system is written from this file
 * and docs/matching.md.
 *
 * Source: matching.md E.1; the attribute keys inside a component are fixed here.
 */
export const MAGIC = [0x5a, 0x54, 0x48, 0x52] as const; // "ZTHR"
export const ENVELOPE_VERSION = 1;
/** Magic, version, flags, two reserved bytes, payload length (u32 BE). */
export const ENVELOPE_HEADER_LENGTH = 12;
export const ENVELOPE_DIGEST_LENGTH = 32;
/** Most bytes of a whole envelope. */
export const ENVELOPE_MAX_LENGTH = 16_384;

export const FLAG_ATTESTATION = 1;
export const FLAG_HARDWARE_HASH = 2;

export const FIELD = {
  schemaMinor: 1,
  collectedAt: 2,
  offsetMinutes: 3,
  reportId: 4,
  nonce: 5,
  collector: 6,
  components: 7,
  hardwareHash: 8,
  attestation: 9,
  collectionErrors: 10,
  virtualisation: 11,
} as const;

export const COMPONENT_FIELD = { class: 0, flags: 1, attributes: 2, source: 3, location: 4 } as const;

export const CLASS = {
  system: 1,
  baseboard: 2,
  chassis: 3,
  firmware: 4,
  processor: 5,
  memoryModule: 6,
  disk: 7,
  network: 8,
  bluetooth: 9,
  wwan: 10,
  graphics: 11,
  display: 12,
  tpm: 13,
  battery: 14,
  productKeyId: 15,
  fdoGuid: 16,
  platformCertificate: 17,
} as const;

export const COMPONENT_FLAG = { onboard: 1, addIn: 2, removable: 4, virtual: 8, soldered: 16, system: 32 } as const;

/** Attribute keys. One number means the same thing in every class that has it. */
export const ATTRIBUTE = {
  manufacturer: 0,
  product: 1,
  serialNumber: 2,
  uuid: 3,
  sku: 4,
  family: 5,
  version: 6,
  type: 7,
  capacity: 8,
  namespaceId: 9,
  permanentMac: 10,
  currentMac: 11,
  bus: 12,
  medium: 13,
  endorsementKey: 14,
  cores: 15,
  threads: 16,
  slots: 17,
  text: 18,
} as const;

/** Most components in all; disks, network cards and memory modules have limits of their own. */
export const MOST_COMPONENTS = 64;
export const MOST_MEMORY_MODULES = 32;
