/**
 * What a device said about itself, as it said it: nothing normalised, nothing judged. Text that was not said is
 * the empty string, a number that was not said is 0. Every input form (hash, envelope, OA3Tool XML, tuple, product
 * key) becomes one of these, and only `toSnapshot` reads it further.
 */
export interface HardwareReport {
  readonly source: ReportSource;
  /** Unix seconds UTC, or null when the form carries no time. */
  readonly collectedAt: number | null;
  readonly system: SystemPart;
  readonly board: BoardPart;
  readonly chassis: ChassisPart;
  readonly firmwareVendor: string;
  readonly processor: ProcessorPart;
  readonly memory: MemoryPart;
  readonly disks: readonly DiskPart[];
  readonly networks: readonly NetworkPart[];
  readonly displays: readonly string[];
  readonly graphics: readonly string[];
  readonly tpm: TpmPart | null;
  /** Windows product key id (PKID): never the key itself. */
  readonly productKeyId: string;
  readonly productKeyPartNumber: string;
  readonly operatingSystem: string;
  /** What does not fit together inside this one report. It never stops decoding; it lowers trust. */
  readonly findings: readonly Finding[];
}

export type ReportSource = 'hardware-hash' | 'envelope' | 'oa3-xml' | 'tuple' | 'product-key';

export interface SystemPart {
  readonly manufacturer: string;
  readonly product: string;
  readonly serialNumber: string;
  /** SMBIOS UUID as the 16 raw bytes of the table, in hexadecimal; '' when not said. */
  readonly uuid: string;
  readonly sku: string;
  readonly family: string;
  readonly version: string;
}

export interface BoardPart {
  readonly manufacturer: string;
  readonly product: string;
  readonly serialNumber: string;
  readonly version: string;
}

export interface ChassisPart {
  /** SMBIOS chassis type; 0 when not said. */
  readonly type: number;
  readonly serialNumber: string;
}

export interface ProcessorPart {
  readonly vendor: string;
  readonly model: string;
  readonly cores: number;
  readonly threads: number;
}

export interface MemoryPart {
  readonly totalGigabytes: number;
  readonly slots: number;
  readonly modules: readonly string[];
}

export interface DiskPart {
  /** Every name this disk answers to: label serial, and namespace id (NGUID, EUI-64, WWN). Windows shows the second. */
  readonly ids: readonly string[];
  readonly product: string;
  readonly vendor: string;
  readonly bus: DiskBus;
  readonly capacityGigabytes: number;
  readonly system: boolean;
}

export type DiskBus = 'scsi' | 'ata' | 'raid' | 'sas' | 'sata' | 'nvme' | 'usb' | 'other';

export interface NetworkPart {
  readonly medium: NetworkMedium;
  /** Permanent address, twelve hexadecimal digits. */
  readonly mac: string;
  /** Address in use when it was told and differs; '' otherwise. */
  readonly currentMac: string;
  /** Name of the bus in upper case (PCI, BTH, USB, VMBUS); '' when not said. */
  readonly bus: string;
  /** What the firmware says about the card; 'unknown' in a hardware hash, which has no such field. */
  readonly placement: 'onboard' | 'add-in' | 'removable' | 'unknown';
}

export type NetworkMedium = 'ethernet' | 'wireless' | 'bluetooth' | 'other';

export interface TpmPart {
  readonly text: string;
  /** SHA-256 of the endorsement key's RSA-2048 modulus, hexadecimal; '' when not said. */
  readonly endorsementKey: string;
  readonly kind: 'discrete' | 'firmware' | 'unknown';
}

export type Finding =
  /** Record 11 is not the SHA-256 of record 25. */
  | 'ek.differs-from-modulus'
  /** Record 28 names a disk that none of records 7 names. */
  | 'system-disk.not-listed'
  /** Generated before 2015: clock unset or value made up. */
  | 'time.implausible'
  /** More disks or network cards than are compared; the rest were left out. */
  | 'components.too-many'
  /** A record or component was too short for its fields. */
  | 'record.too-short';

/** Most disks, and most network cards, that one report may bring (matching.md E.1). */
export const MOST_DISKS = 16;
export const MOST_NETWORKS = 16;

/** A report in which nothing was said. */
export function anEmptyReport(source: ReportSource): HardwareReport {
  return {
    source,
    collectedAt: null,
    system: { manufacturer: '', product: '', serialNumber: '', uuid: '', sku: '', family: '', version: '' },
    board: { manufacturer: '', product: '', serialNumber: '', version: '' },
    chassis: { type: 0, serialNumber: '' },
    firmwareVendor: '',
    processor: { vendor: '', model: '', cores: 0, threads: 0 },
    memory: { totalGigabytes: 0, slots: 0, modules: [] },
    disks: [],
    networks: [],
    displays: [],
    graphics: [],
    tpm: null,
    productKeyId: '',
    productKeyPartNumber: '',
    operatingSystem: '',
    findings: [],
  };
}

/** The manufacturer, model and serial number of an order row as a report (domain.md 1.3). */
export function reportFromTuple(tuple: { manufacturer: string; model: string; serialNumber: string }): HardwareReport {
  const empty = anEmptyReport('tuple');
  const { manufacturer, model: product, serialNumber } = tuple;
  return { ...empty, system: { ...empty.system, manufacturer, product, serialNumber } };
}

/** A product key id, with the serial number where the row has one, as a report (domain.md 1.3). */
export function reportFromProductKey(row: { productKey: string; serialNumber?: string }): HardwareReport {
  const empty = anEmptyReport('product-key');
  return {
    ...empty,
    productKeyId: row.productKey,
    system: { ...empty.system, serialNumber: row.serialNumber ?? '' },
  };
}
