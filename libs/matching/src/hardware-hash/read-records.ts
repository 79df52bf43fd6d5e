import { toHex } from '../bytes/hex.js';
import { readLatin, readUtf16, sliceText } from '../bytes/text.js';
import type { Digests } from '../digests.js';
import type { DiskBus, DiskPart, Finding, HardwareReport, NetworkMedium, NetworkPart } from '../report.js';
import { MOST_DISKS, MOST_NETWORKS } from '../report.js';
import type { Frame, RecordSpan } from './frame.js';
import { u16, u32 } from './frame.js';
import { EARLIEST_PLAUSIBLE, EPOCH_2000, RECORD } from './record-types.js';

/** A record of a type that is not known here, kept so that a new Windows build is noticed and nothing is lost. */
export interface UnknownRecord {
  readonly type: number;
  readonly value: Uint8Array;
}

/** The report in the records of a frame, and the records nobody could read. Source: matching.md A.3. */
export function readRecords(
  bytes: Uint8Array,
  frame: Frame,
  digests: Digests,
): { report: HardwareReport; unknown: UnknownRecord[] } {
  const draft = new Draft(bytes, frame.spans.at(-1)?.end ?? 0);
  for (const span of frame.spans) draft.take(span);
  return { report: draft.finish(digests), unknown: draft.unknown };
}

const KNOWN_TEXT: readonly boolean[] = tableOf([
  RECORD.processorVendor,
  RECORD.processorModel,
  RECORD.tpm,
  RECORD.serialNumber,
  RECORD.firmwareVendor,
  RECORD.manufacturer,
  RECORD.product,
  RECORD.sku,
  RECORD.family,
  RECORD.boardManufacturer,
  RECORD.boardProduct,
  RECORD.boardVersion,
  RECORD.systemVersion,
  RECORD.productKeyId,
  RECORD.productKeyPartNumber,
  RECORD.systemDiskIdentity,
]);

const DISK_BUSES: Readonly<Record<number, DiskBus>> = {
  1: 'scsi',
  2: 'ata',
  3: 'ata',
  7: 'usb',
  8: 'raid',
  10: 'sas',
  11: 'sata',
  17: 'nvme',
};

const MEDIA: Readonly<Record<number, NetworkMedium>> = {
  1: 'wireless',
  9: 'wireless',
  10: 'bluetooth',
  14: 'ethernet',
};

const MINIMUM_LENGTH: Readonly<Record<number, number>> = {
  [RECORD.collector]: 20,
  [RECORD.processor]: 8,
  [RECORD.memory]: 18,
  [RECORD.disk]: 9,
  [RECORD.network]: 10,
  [RECORD.display]: 8,
  [RECORD.chassis]: 1,
  [RECORD.endorsementKeyDigest]: 42,
  [RECORD.uuid]: 16,
  [RECORD.endorsementKeyModulus]: 1,
  [RECORD.panel]: 4,
  [RECORD.graphicsMemory]: 8,
};

/** Gathers records into a report; a record that comes twice where one is meant keeps its first value. */
class Draft {
  readonly unknown: UnknownRecord[] = [];
  private readonly text: string[] = new Array<string>(32).fill('');
  private readonly first: (RecordSpan | undefined)[] = new Array<RecordSpan | undefined>(32).fill(undefined);
  private readonly disks: DiskPart[] = [];
  private readonly networks: NetworkPart[] = [];
  private readonly displays: string[] = [];
  private readonly graphics: string[] = [];
  private readonly findings: Finding[] = [];
  private diskHead: RecordSpan | null = null;

  private readonly latin: string;

  constructor(
    private readonly bytes: Uint8Array,
    end: number,
  ) {
    this.latin = readLatin(bytes, end);
  }

  take(span: RecordSpan): void {
    const { type, start, end } = span;
    if (end - start < (MINIMUM_LENGTH[type] ?? 0)) return this.find('record.too-short');
    if (KNOWN_TEXT[type] === true) {
      if (this.text[type] === '') this.text[type] = sliceText(this.latin, this.bytes, start, end).trim();
      return;
    }
    if (type === RECORD.disk) this.diskHead = span;
    else if (type === RECORD.diskIdentity) this.takeDisk(span);
    else if (type === RECORD.network) this.takeNetwork(span);
    else if (type === RECORD.display || type === RECORD.panel) this.takeDisplay(span);
    else if (type === RECORD.graphicsName) this.takeGraphics(span);
    else if (MINIMUM_LENGTH[type] === undefined) this.unknown.push({ type, value: this.bytes.slice(start, end) });
    else this.first[type] ??= span;
  }

  finish(digests: Digests): HardwareReport {
    const { text } = this;
    const said = (type: number): string => text[type]!;
    const processor = this.first[RECORD.processor];
    const memory = this.first[RECORD.memory];
    const chassis = this.first[RECORD.chassis];
    const uuid = this.first[RECORD.uuid];
    const endorsementKey = this.readEndorsementKey(digests);
    const disks = this.markSystemDisk(said(RECORD.systemDiskIdentity));
    return {
      source: 'hardware-hash',
      collectedAt: this.readTime(),
      system: {
        manufacturer: said(RECORD.manufacturer),
        product: said(RECORD.product),
        serialNumber: said(RECORD.serialNumber),
        uuid: uuid === undefined ? '' : toHex(this.bytes, uuid.start, uuid.start + 16),
        sku: said(RECORD.sku),
        family: said(RECORD.family),
        version: said(RECORD.systemVersion),
      },
      board: {
        manufacturer: said(RECORD.boardManufacturer),
        product: said(RECORD.boardProduct),
        serialNumber: '',
        version: said(RECORD.boardVersion),
      },
      chassis: { type: chassis === undefined ? 0 : this.bytes[chassis.start]!, serialNumber: '' },
      firmwareVendor: said(RECORD.firmwareVendor),
      processor: {
        vendor: said(RECORD.processorVendor),
        model: said(RECORD.processorModel),
        cores: processor === undefined ? 0 : u16(this.bytes, processor.start + 4),
        threads: processor === undefined ? 0 : u16(this.bytes, processor.start + 6),
      },
      memory: {
        totalGigabytes: memory === undefined ? 0 : u32(this.bytes, memory.start),
        slots: memory === undefined ? 0 : u16(this.bytes, memory.start + 16),
        modules: [],
      },
      disks,
      networks: this.networks,
      displays: this.displays,
      graphics: this.graphics,
      tpm:
        endorsementKey === '' && said(RECORD.tpm) === ''
          ? null
          : { text: said(RECORD.tpm), endorsementKey, kind: 'unknown' },
      productKeyId: said(RECORD.productKeyId),
      productKeyPartNumber: said(RECORD.productKeyPartNumber),
      operatingSystem: this.readBuild(),
      findings: this.findings,
    };
  }

  private takeDisk(span: RecordSpan): void {
    const head = this.diskHead;
    this.diskHead = null;
    if (this.disks.length >= MOST_DISKS) return this.find('components.too-many');
    const disk = readDiskIdentity(sliceText(this.latin, this.bytes, span.start, span.end));
    const bus = head === null ? 'other' : (DISK_BUSES[this.bytes[head.start + 8]!] ?? 'other');
    const { ids, product, vendor } = disk;
    this.disks.push({
      ids,
      product,
      vendor,
      bus,
      capacityGigabytes: head === null ? 0 : u32(this.bytes, head.start),
      system: false,
    });
  }

  private takeNetwork(span: RecordSpan): void {
    if (this.networks.length >= MOST_NETWORKS) return this.find('components.too-many');
    const { start, end } = span;
    const named = end - start >= 14;
    const busEnd = named ? Math.min(end, start + 14 + u32(this.bytes, start + 10)) : start;
    this.networks.push({
      medium: MEDIA[u32(this.bytes, start)] ?? 'other',
      mac: toHex(this.bytes, start + 4, start + 10),
      currentMac: '',
      bus: named ? readUtf16(this.bytes, start + 14, busEnd).toUpperCase() : '',
      placement: 'unknown',
    });
  }

  private takeDisplay(span: RecordSpan): void {
    const isPanel = span.type === RECORD.panel;
    const width = u16(this.bytes, span.start);
    const height = u16(this.bytes, span.start + 2);
    // Outside monitors come and go; only the built-in panel says something about the device.
    const internal = !isPanel && span.end - span.start >= 12 && u32(this.bytes, span.start + 8) === 0x80000000;
    if (internal && width > 0 && this.displays.length < 4) {
      this.displays.push(`${width}x${height}mm ${u16(this.bytes, span.start + 4)}x${u16(this.bytes, span.start + 6)}`);
    }
  }

  private takeGraphics(span: RecordSpan): void {
    if (this.graphics.length < 4) this.graphics.push(readUtf16(this.bytes, span.start, span.end));
  }

  private markSystemDisk(text: string): DiskPart[] {
    if (text === '') return this.disks;
    const wanted = readDiskIdentity(text);
    const sameDisk = (disk: DiskPart): boolean => disk.ids[0] === wanted.ids[0] && disk.product === wanted.product;
    const found = this.disks.findIndex(sameDisk);
    if (found < 0) {
      this.find('system-disk.not-listed');
      return this.disks;
    }
    return this.disks.map((disk, index) => (index === found ? { ...disk, system: true } : disk));
  }

  private readEndorsementKey(digests: Digests): string {
    const digest = this.first[RECORD.endorsementKeyDigest];
    const modulus = this.first[RECORD.endorsementKeyModulus];
    // Id type 2 is a random UEFI variable of machines without a TPM: no key, and gone with the firmware settings.
    const isKey = digest !== undefined && u16(this.bytes, digest.start + 4) === 1;
    if (modulus === undefined) return isKey ? toHex(this.bytes, digest.start + 10, digest.start + 42) : '';
    const computed = digests.sha256(this.bytes.subarray(modulus.start, modulus.end));
    if (isKey && computed.some((byte, index) => byte !== this.bytes[digest.start + 10 + index]))
      this.find('ek.differs-from-modulus');
    return toHex(computed);
  }

  private readTime(): number | null {
    const span = this.first[RECORD.collector];
    if (span === undefined) return null;
    const time = u32(this.bytes, span.start + 16) + EPOCH_2000;
    if (time < EARLIEST_PLAUSIBLE) this.find('time.implausible');
    return time;
  }

  private readBuild(): string {
    const span = this.first[RECORD.collector];
    if (span === undefined) return '';
    const at = span.start + 8;
    return `${u16(this.bytes, at + 2)}.${u16(this.bytes, at)}.${u16(this.bytes, at + 6)}.${u16(this.bytes, at + 4)}`;
  }

  private find(finding: Finding): void {
    if (!this.findings.includes(finding)) this.findings.push(finding);
  }
}

function readDiskIdentity(text: string): { ids: string[]; product: string; vendor: string } {
  const [serial = '', product = '', vendor = ''] = text.split('|', 3);
  const id = serial.trim();
  return { ids: id === '' ? [] : [id], product: product.trim(), vendor: vendor.trim() };
}

function tableOf(types: readonly number[]): boolean[] {
  return Array.from({ length: 32 }, (_, type) => types.includes(type));
}
