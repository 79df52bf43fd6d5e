import { fromHex } from '../bytes/hex.js';
import { writeText } from '../bytes/text.js';
import type { Digests } from '../digests.js';
import type { DiskPart, HardwareReport, NetworkPart } from '../report.js';
import { HEADER_LENGTH, TRAILER_LENGTH } from './frame.js';
import { DISK_BUS_CODES, EPOCH_2000, MEDIUM_CODES, RECORD } from './record-types.js';

/** Length in bytes of a whole hardware hash, padding included: 4000 characters of base64. */
export const HASH_LENGTH = 3000;

/** What a hash can say beyond a report. */
export interface HashExtras {
  /** The 256 bytes of the endorsement key's modulus; written as record 25. */
  readonly endorsementKeyModulus?: Uint8Array;
  /** Records of any other type, written last: for tests of records nobody knows. */
  readonly unknown?: readonly { readonly type: number; readonly value: Uint8Array }[];
}

/**
 * Writes a report as a hardware hash of 3000 bytes with a valid trailer, records in the order real tools write them.
 * The hash has no place for board or chassis serial numbers, memory modules or placement of cards; they are left
 * out. Throws RangeError when the records do not fit.
 *
 * Source: matching.md A.2, A.3.
 */
export function encodeHardwareHash(report: HardwareReport, digests: Digests, extras: HashExtras = {}): Uint8Array {
  const writer = new RecordWriter();
  writeCollector(writer, report);
  writer.record(RECORD.processor, [
    ...le16(9),
    ...le16(1),
    ...le16(report.processor.cores),
    ...le16(report.processor.threads),
    1,
    0,
    0,
    0,
  ]);
  const { memory } = report;
  writer.record(RECORD.memory, [...le64(memory.totalGigabytes), ...le64(64), ...le16(memory.slots), ...le16(1), 3]);
  writer.text(RECORD.processorVendor, report.processor.vendor);
  writer.text(RECORD.processorModel, report.processor.model.padEnd(47, ' ').slice(0, 47));
  for (const disk of report.disks) writeDisk(writer, disk);
  for (const network of report.networks) writeNetwork(writer, network);
  for (const display of report.displays) writeDisplay(writer, display);
  writer.record(RECORD.panel, [0, 0, 0, 0]);
  writer.record(RECORD.chassis, [report.chassis.type, report.chassis.type === 10 ? 2 : 1, 0, 0, 0]);
  if (report.tpm !== null) writer.text(RECORD.tpm, report.tpm.text);
  if (extras.endorsementKeyModulus !== undefined)
    writer.record(RECORD.endorsementKeyModulus, extras.endorsementKeyModulus);
  const key = report.tpm === null ? null : fromHex(report.tpm.endorsementKey);
  if (key !== null && key.length === 32) {
    writer.record(RECORD.endorsementKeyDigest, [0, 0, 0, 0, ...le16(1), 32, 0, 0, 0, ...key]);
  }
  const uuid = fromHex(report.system.uuid);
  if (uuid !== null && uuid.length === 16) writer.record(RECORD.uuid, uuid);
  writeNames(writer, report);
  for (const { type, value } of extras.unknown ?? []) writer.record(type, value);
  return writer.seal(digests);
}

function writeCollector(writer: RecordWriter, report: HardwareReport): void {
  const [major = 0, minor = 0, build = 0, revision = 0] = report.operatingSystem.split('.').map(Number);
  const version = [...le16(minor), ...le16(major), ...le16(revision), ...le16(build)];
  const time = Math.max(0, (report.collectedAt ?? EPOCH_2000) - EPOCH_2000);
  writer.record(RECORD.collector, [...version, ...version, ...le32(time), 8, 2, 9, 8]);
}

function writeNames(writer: RecordWriter, report: HardwareReport): void {
  const { system, board } = report;
  writer.text(RECORD.serialNumber, system.serialNumber);
  writer.text(RECORD.firmwareVendor, report.firmwareVendor);
  writer.text(RECORD.manufacturer, system.manufacturer);
  writer.text(RECORD.product, system.product);
  writer.text(RECORD.sku, system.sku);
  writer.text(RECORD.family, system.family);
  writer.text(RECORD.systemVersion, system.version);
  writer.text(RECORD.boardManufacturer, board.manufacturer);
  writer.text(RECORD.boardProduct, board.product);
  writer.text(RECORD.boardVersion, board.version);
  writer.text(RECORD.productKeyId, report.productKeyId);
  writer.text(RECORD.productKeyPartNumber, report.productKeyPartNumber);
  const systemDisk = report.disks.find((disk) => disk.system);
  if (systemDisk !== undefined) writer.text(RECORD.systemDiskIdentity, diskIdentity(systemDisk));
}

function writeDisk(writer: RecordWriter, disk: DiskPart): void {
  const spins = disk.bus === 'nvme' ? 0 : 255;
  writer.record(RECORD.disk, [...le64(disk.capacityGigabytes), DISK_BUS_CODES[disk.bus], 0, spins, 1]);
  writer.record(RECORD.diskIdentity, writeText(diskIdentity(disk)));
}

/** Windows shows the namespace id of an NVMe disk, and that is the last name a disk gives. */
function diskIdentity(disk: DiskPart): string {
  return `${disk.ids.at(-1) ?? ''}|${disk.product}|${disk.vendor}`;
}

function writeNetwork(writer: RecordWriter, network: NetworkPart): void {
  const bus = utf16(network.bus);
  const mac = fromHex(network.mac) ?? new Uint8Array(6);
  writer.record(RECORD.network, [...le32(MEDIUM_CODES[network.medium]), ...mac, ...le32(bus.length), ...bus]);
}

function writeDisplay(writer: RecordWriter, display: string): void {
  const sizes = /^(\d+)x(\d+)mm (\d+)x(\d+)$/.exec(display)?.slice(1).map(Number) ?? [0, 0, 0, 0];
  writer.record(RECORD.display, [...sizes.flatMap(le16), ...le32(0x80000000)]);
}

class RecordWriter {
  private readonly bytes = new Uint8Array(HASH_LENGTH);
  private used = HEADER_LENGTH;

  text(type: number, text: string): void {
    if (text !== '') this.record(type, [...writeText(text), 0]);
  }

  record(type: number, value: ArrayLike<number>): void {
    const length = value.length + 4;
    if (this.used + length + TRAILER_LENGTH > HASH_LENGTH) throw new RangeError('The records do not fit into a hash.');
    this.bytes.set([...le16(type), ...le16(length)], this.used);
    this.bytes.set(value, this.used + 4);
    this.used += length;
  }

  seal(digests: Digests): Uint8Array {
    this.bytes.set([0x4f, 0x41, ...le16(this.used)]);
    const digest = digests.sha256(this.bytes.subarray(0, this.used));
    this.bytes.set([0x43, 0x53, ...le16(TRAILER_LENGTH), ...digest], this.used);
    return this.bytes;
  }
}

function le16(value: number): number[] {
  return [value & 255, (value >> 8) & 255];
}

function le32(value: number): number[] {
  return [...le16(value & 0xffff), ...le16(Math.floor(value / 0x10000))];
}

function le64(value: number): number[] {
  return [...le32(value % 0x100000000), ...le32(Math.floor(value / 0x100000000))];
}

function utf16(text: string): number[] {
  return text === '' ? [] : [...[...text].flatMap((character) => le16(character.charCodeAt(0))), 0, 0];
}
