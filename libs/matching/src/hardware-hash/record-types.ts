/**
 * The record types of a hardware hash whose meaning is known. 20 is probably the board's manufacturer: it stands
 * right before the board's product and version.
 *
 * Source: matching.md A.3.
 */
export const RECORD = {
  collector: 1,
  processor: 2,
  processorVendor: 3,
  processorModel: 4,
  memory: 5,
  disk: 6,
  diskIdentity: 7,
  network: 8,
  display: 9,
  chassis: 10,
  endorsementKeyDigest: 11,
  uuid: 12,
  tpm: 13,
  serialNumber: 14,
  firmwareVendor: 15,
  manufacturer: 16,
  product: 17,
  sku: 18,
  family: 19,
  boardManufacturer: 20,
  boardProduct: 21,
  boardVersion: 22,
  systemVersion: 23,
  productKeyId: 24,
  endorsementKeyModulus: 25,
  productKeyPartNumber: 26,
  panel: 27,
  systemDiskIdentity: 28,
  graphicsMemory: 29,
  graphicsName: 30,
} as const;

/** Seconds between 1970-01-01 and 2000-01-01, where a hash begins to count. */
export const EPOCH_2000 = 946_684_800;

/** 2015-01-01: the 4K hash did not exist before. */
export const EARLIEST_PLAUSIBLE = 1_420_070_400;

/** Bus codes of record 6, with the bus they mean here. */
export const DISK_BUS_CODES = { scsi: 1, ata: 3, usb: 7, raid: 8, sas: 10, sata: 11, nvme: 17, other: 0 } as const;

/** NDIS physical medium codes of record 8. 14 is wired; 1 and 9 are both wireless. */
export const MEDIUM_CODES = { ethernet: 14, wireless: 9, bluetooth: 10, other: 0 } as const;
