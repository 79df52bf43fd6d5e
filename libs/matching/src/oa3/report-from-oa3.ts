import { decodeBase64 } from '../bytes/base64.js';
import { fromHex, toHex } from '../bytes/hex.js';
import type { DiskBus, HardwareReport, NetworkMedium, NetworkPart } from '../report.js';
import { anEmptyReport, MOST_DISKS, MOST_NETWORKS } from '../report.js';

/** Name and value of each `p` element of an OA3Tool report, in the order of the document. */
export type Oa3Values = readonly (readonly [name: string, value: string])[];

/** Most elements that are looked at. */
const MOST_VALUES = 512;

/**
 * The report in the elements of an OA3Tool XML file. The file is read by whoever calls (the parser is no part of a pure
 * library). It carries no digest and names no bus, so its snapshot is partial and its Ethernet cards are no anchors.
 *
 * Source: matching.md A.5.
 */
export function reportFromOa3(values: Oa3Values): HardwareReport {
  const kept = values
    .slice(0, MOST_VALUES)
    .map(([name, value]) => [name.toLowerCase(), value.trim().slice(0, 256)] as const);
  const all = (name: string): string[] => kept.filter(([own]) => own === name).map(([, value]) => value);
  const one = (name: string): string => all(name)[0] ?? '';
  const empty = anEmptyReport('oa3-xml');
  const tpm = one('tpmversion');
  const key = hexOfDigest(one('ekpubhash'));
  return {
    ...empty,
    collectedAt: secondsOf(one('ossystemtime')),
    system: {
      ...empty.system,
      manufacturer: one('smbiossystemmanufacturer'),
      product: one('smbiossystemproductname'),
      serialNumber: one('smbiossystemserialnumber'),
      uuid: rawUuid(one('smbiosuuid')),
      sku: one('smbiosskunumber') || one('smbiossystemskunumber'),
      family: one('smbiossystemfamily') || one('smbiosfamily'),
    },
    board: { ...empty.board, product: one('smbiosboardproduct') },
    chassis: { type: numberOf(one('chassistype')), serialNumber: '' },
    firmwareVendor: one('smbiosfirmwarevendor'),
    processor: {
      vendor: '',
      model: one('processormodel'),
      cores: numberOf(one('processorcores')),
      threads: numberOf(one('processorthreads')),
    },
    memory: { totalGigabytes: numberOf(one('totalphysicalram')), slots: numberOf(one('smbiosramslots')), modules: [] },
    disks: all('diskserialnumber')
      .slice(0, MOST_DISKS)
      .map((text, index) => ({
        ids: text
          .split('|', 1)
          .map((id) => id.trim())
          .filter((id) => id !== ''),
        product: text.split('|')[1]?.trim() ?? '',
        vendor: text.split('|')[2]?.trim() ?? '',
        bus: busOf(one('primarydisktype')),
        capacityGigabytes: index === 0 ? numberOf(one('primarydisktotalcapacity')) : 0,
        system: index === 0,
      })),
    networks: networksOf(all('macaddress'), all('physicalmedium')),
    tpm: tpm === '' && key === '' ? null : { text: tpm, endorsementKey: key, kind: 'unknown' },
    productKeyId: one('productkeyid'),
    operatingSystem: one('osbuild'),
  };
}

function networksOf(macs: readonly string[], media: readonly string[]): NetworkPart[] {
  return macs.slice(0, MOST_NETWORKS).map((mac, index) => ({
    medium: mediumOf(media[index] ?? ''),
    mac: mac.replace(/[^0-9a-f]/gi, '').toLowerCase(),
    currentMac: '',
    bus: '',
    placement: 'unknown',
  }));
}

function mediumOf(text: string): NetworkMedium {
  const medium = text.toLowerCase();
  if (/802_?11|wireless|^1$|^9$/.test(medium)) return 'wireless';
  if (/bluetooth|^10$/.test(medium)) return 'bluetooth';
  return /802_?3|ethernet|^14$/.test(medium) ? 'ethernet' : 'other';
}

function busOf(text: string): DiskBus {
  const bus = text.toLowerCase();
  return (
    (['nvme', 'sata', 'sas', 'raid', 'usb', 'scsi', 'ata'] as const).find((known) => bus.includes(known)) ?? 'other'
  );
}

/** Digests are written in base64 or in hexadecimal, by tool version. */
function hexOfDigest(text: string): string {
  const bytes = text.length === 64 ? fromHex(text) : decodeBase64(text);
  return bytes !== null && bytes.length === 32 ? toHex(bytes) : '';
}

/** UUID text shows the first three fields the other way round than the table holds them. */
function rawUuid(text: string): string {
  const hex = text.replace(/[{}-]/g, '').toLowerCase();
  const bytes = fromHex(hex);
  if (bytes === null || bytes.length !== 16) return '';
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return toHex(Uint8Array.from(order.map((index) => bytes[index]!)));
}

function numberOf(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function secondsOf(text: string): number | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}
