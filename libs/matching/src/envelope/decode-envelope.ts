import { toHex } from '../bytes/hex.js';
import type { Digests } from '../digests.js';
import type { DiskBus, DiskPart, Finding, HardwareReport, NetworkMedium, NetworkPart, TpmPart } from '../report.js';
import { anEmptyReport, MOST_DISKS, MOST_NETWORKS } from '../report.js';
import { EARLIEST_PLAUSIBLE } from '../hardware-hash/record-types.js';
import type { Cbor } from './cbor.js';
import { CborMap } from './cbor.js';
import {
  ATTRIBUTE,
  CLASS,
  COMPONENT_FIELD,
  COMPONENT_FLAG,
  ENVELOPE_DIGEST_LENGTH,
  ENVELOPE_HEADER_LENGTH,
  ENVELOPE_MAX_LENGTH,
  ENVELOPE_VERSION,
  FIELD,
  MAGIC,
  MOST_COMPONENTS,
  MOST_MEMORY_MODULES,
} from './layout.js';
import { readCbor } from './read-cbor.js';

export type DecodedEnvelope =
  | {
      readonly kind: 'report';
      readonly report: HardwareReport;
      readonly trailer: 'verified' | 'mismatch';
      readonly nonce: string;
      readonly reportId: string;
      readonly hardwareHash: Uint8Array | null;
    }
  /** Well framed, but of a version that is not known here. */
  | { readonly kind: 'unknown-version' }
  | { readonly kind: 'malformed' };

/** Whether the bytes begin as an envelope does. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return bytes.length >= ENVELOPE_HEADER_LENGTH && MAGIC.every((byte, index) => bytes[index] === byte);
}

/** Reads "hardware report v1" within its limits. Source: matching.md E.1. */
export function decodeEnvelope(bytes: Uint8Array, digests: Digests): DecodedEnvelope {
  if (bytes[4] !== ENVELOPE_VERSION) return { kind: 'unknown-version' };
  const length = bytes[8]! * 2 ** 24 + ((bytes[9]! << 16) | (bytes[10]! << 8) | bytes[11]!);
  const end = ENVELOPE_HEADER_LENGTH + length;
  if (end + ENVELOPE_DIGEST_LENGTH !== bytes.length || bytes.length > ENVELOPE_MAX_LENGTH) return { kind: 'malformed' };
  const payload = readCbor(bytes.subarray(ENVELOPE_HEADER_LENGTH, end));
  const report = payload instanceof CborMap ? readReport(payload) : null;
  if (report === null) return { kind: 'malformed' };
  const digest = digests.sha256(bytes.subarray(0, end));
  const intact = digest.every((byte, index) => byte === bytes[end + index]);
  const fields = payload as CborMap;
  const hash = fields.get(FIELD.hardwareHash);
  return {
    kind: 'report',
    report,
    trailer: intact ? 'verified' : 'mismatch',
    nonce: hexOf(fields.get(FIELD.nonce), 16),
    reportId: hexOf(fields.get(FIELD.reportId), 16),
    hardwareHash: hash instanceof Uint8Array ? hash : null,
  };
}

interface Component {
  readonly kind: number;
  readonly flags: number;
  readonly attributes: CborMap;
}

function readReport(payload: CborMap): HardwareReport | null {
  const components = readComponents(payload.get(FIELD.components));
  const collectedAt = payload.get(FIELD.collectedAt);
  if (components === null || typeof collectedAt !== 'number' || collectedAt < 0) return null;
  const of = (kind: number): Component[] => components.filter((component) => component.kind === kind);
  const one = (kind: number): CborMap => of(kind)[0]?.attributes ?? new CborMap([]);
  const disks = of(CLASS.disk);
  const networks = components.filter(({ kind }) => kind === CLASS.network || kind === CLASS.bluetooth);
  const modules = of(CLASS.memoryModule);
  const findings: Finding[] = collectedAt < EARLIEST_PLAUSIBLE ? ['time.implausible'] : [];
  if (disks.length > MOST_DISKS || networks.length > MOST_NETWORKS || modules.length > MOST_MEMORY_MODULES) {
    findings.push('components.too-many');
  }
  const system = one(CLASS.system);
  const board = one(CLASS.baseboard);
  const processor = one(CLASS.processor);
  const key = one(CLASS.productKeyId);
  const collector = payload.get(FIELD.collector);
  return {
    ...anEmptyReport('envelope'),
    collectedAt,
    system: {
      manufacturer: text(system, ATTRIBUTE.manufacturer),
      product: text(system, ATTRIBUTE.product),
      serialNumber: text(system, ATTRIBUTE.serialNumber),
      uuid: hexOf(system.get(ATTRIBUTE.uuid), 16),
      sku: text(system, ATTRIBUTE.sku),
      family: text(system, ATTRIBUTE.family),
      version: text(system, ATTRIBUTE.version),
    },
    board: {
      manufacturer: text(board, ATTRIBUTE.manufacturer),
      product: text(board, ATTRIBUTE.product),
      serialNumber: text(board, ATTRIBUTE.serialNumber),
      version: text(board, ATTRIBUTE.version),
    },
    chassis: {
      type: count(one(CLASS.chassis), ATTRIBUTE.type),
      serialNumber: text(one(CLASS.chassis), ATTRIBUTE.serialNumber),
    },
    firmwareVendor: text(one(CLASS.firmware), ATTRIBUTE.manufacturer),
    processor: {
      vendor: text(processor, ATTRIBUTE.manufacturer),
      model: text(processor, ATTRIBUTE.product),
      cores: count(processor, ATTRIBUTE.cores),
      threads: count(processor, ATTRIBUTE.threads),
    },
    memory: {
      totalGigabytes: modules.reduce((sum, { attributes }) => sum + count(attributes, ATTRIBUTE.capacity), 0),
      slots: modules.length,
      modules: modules
        .slice(0, MOST_MEMORY_MODULES)
        .map(({ attributes }) => text(attributes, ATTRIBUTE.serialNumber))
        .filter((serial) => serial !== ''),
    },
    disks: disks.slice(0, MOST_DISKS).map(readDisk),
    networks: networks.slice(0, MOST_NETWORKS).map(readNetwork),
    displays: of(CLASS.display)
      .slice(0, 4)
      .map(({ attributes }) => text(attributes, ATTRIBUTE.text)),
    graphics: of(CLASS.graphics)
      .slice(0, 4)
      .map(({ attributes }) => text(attributes, ATTRIBUTE.product)),
    tpm: of(CLASS.tpm).map(({ attributes }) => readTpm(attributes))[0] ?? null,
    productKeyId: text(key, ATTRIBUTE.text),
    productKeyPartNumber: text(key, ATTRIBUTE.product),
    operatingSystem: collector instanceof CborMap ? text(collector, ATTRIBUTE.version) : '',
    findings,
  };
}

function readComponents(value: Cbor | undefined): Component[] | null {
  if (!Array.isArray(value) || value.length > MOST_COMPONENTS) return null;
  const components: Component[] = [];
  for (const item of value as readonly Cbor[]) {
    if (!(item instanceof CborMap)) return null;
    const kind = item.get(COMPONENT_FIELD.class);
    const flags = item.get(COMPONENT_FIELD.flags) ?? 0;
    const attributes = item.get(COMPONENT_FIELD.attributes) ?? new CborMap([]);
    if (typeof kind !== 'number' || typeof flags !== 'number' || !(attributes instanceof CborMap)) return null;
    components.push({ kind, flags, attributes });
  }
  return components;
}

const DISK_BUSES: readonly string[] = ['scsi', 'ata', 'raid', 'sas', 'sata', 'nvme', 'usb'] satisfies DiskBus[];
const MEDIUMS: readonly string[] = ['ethernet', 'wireless', 'bluetooth'] satisfies NetworkMedium[];

function readDisk({ attributes, flags }: Component): DiskPart {
  const bus = text(attributes, ATTRIBUTE.bus);
  return {
    ids: [text(attributes, ATTRIBUTE.serialNumber), text(attributes, ATTRIBUTE.namespaceId)].filter((id) => id !== ''),
    product: text(attributes, ATTRIBUTE.product),
    vendor: text(attributes, ATTRIBUTE.manufacturer),
    bus: (flags & COMPONENT_FLAG.removable) !== 0 ? 'usb' : DISK_BUSES.includes(bus) ? (bus as DiskBus) : 'other',
    capacityGigabytes: count(attributes, ATTRIBUTE.capacity),
    system: (flags & COMPONENT_FLAG.system) !== 0,
  };
}

function readNetwork({ kind, attributes, flags }: Component): NetworkPart {
  const medium = text(attributes, ATTRIBUTE.medium);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    medium: kind === CLASS.bluetooth ? 'bluetooth' : MEDIUMS.includes(medium) ? (medium as NetworkMedium) : 'other',
    mac: hexOf(attributes.get(ATTRIBUTE.permanentMac), 6),
    currentMac: hexOf(attributes.get(ATTRIBUTE.currentMac), 6),
    bus: text(attributes, ATTRIBUTE.bus).toUpperCase(),
    placement: has(COMPONENT_FLAG.removable)
      ? 'removable'
      : has(COMPONENT_FLAG.onboard)
        ? 'onboard'
        : has(COMPONENT_FLAG.addIn)
          ? 'add-in'
          : 'unknown',
  };
}

function readTpm(attributes: CborMap): TpmPart {
  const type = count(attributes, ATTRIBUTE.type);
  return {
    text: text(attributes, ATTRIBUTE.version),
    endorsementKey: hexOf(attributes.get(ATTRIBUTE.endorsementKey), 32),
    kind: type === 1 ? 'discrete' : type === 2 ? 'firmware' : 'unknown',
  };
}

function text(attributes: CborMap, key: number): string {
  const value = attributes.get(key);
  return typeof value === 'string' ? value.trim() : '';
}

function count(attributes: CborMap, key: number): number {
  const value = attributes.get(key);
  return typeof value === 'number' && value >= 0 ? value : 0;
}

function hexOf(value: Cbor | undefined, length: number): string {
  return value instanceof Uint8Array && value.length === length ? toHex(value) : '';
}
