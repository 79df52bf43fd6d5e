import type { Vendor } from './catalogue.js';
import { Random } from './random.js';

/** Serial number in the vendor's format. Source: matching.md E.2 (vendors with their formats). */
export function serialOf(vendor: Vendor, number: number): string {
  switch (vendor) {
    case 'dell':
      return base36(number, 7);
    case 'lenovo':
      return `P${'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(Math.floor(number / 36 ** 6))}${base36(number % 36 ** 6, 6)}`;
    case 'hp':
      return hpSerial(number);
    case 'surface':
      return `0${String(number).padStart(11, '0')}`;
    case 'white-box':
      return `WB${base36(number, 8)}`;
    case 'vm':
      return hyperVSerial(number);
  }
}

/** Serial number of the board, from another counter than the system's. */
export function boardSerialOf(vendor: Vendor, number: number): string {
  if (vendor === 'dell') return `/${base36(number, 7)}/CN129635${base36(number % 46_656, 3)}/`;
  if (vendor === 'lenovo') return `L1HF${base36(number, 7)}`;
  if (vendor === 'hp') return `PKF${base36(number, 9)}`;
  return vendor === 'vm' ? '' : `B${base36(number, 10)}`;
}

/** SMBIOS UUID, raw table bytes in hexadecimal. Dell spells its service tag into it. Source: matching.md B.1. */
export function uuidOf(vendor: Vendor, serial: string, number: number): string {
  if (vendor === 'dell') return dellUuid(serial);
  const bytes = new Random(number, 12).bytes(16);
  // The number itself stands in the node field, so that no two can meet.
  Buffer.from(hex(number, 10), 'hex').copy(bytes, 11);
  bytes[7] = (bytes[7]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return Buffer.from(bytes).toString('hex');
}

/** The UUID that Dell firmware computes from a service tag, whoever writes the tag. */
export function dellUuid(tag: string): string {
  const [one = 0, two = 0, three = 0, four = 0, five = 0, six = 0, seven = 0] = Buffer.from(tag, 'latin1');
  return Buffer.from([
    0x44,
    0x45,
    0x4c,
    0x4c,
    one,
    0,
    0x10,
    two,
    0x80,
    three,
    four | 0x80,
    0xc0,
    0x4f,
    five,
    six,
    seven,
  ]).toString('hex');
}

/** Addresses by role; the first byte differs by role as makers of cards differ. Bluetooth follows Wi-Fi by one. */
export const macOf = {
  lan: (number: number): string => `48${hex(number, 10)}`,
  addIn: (number: number): string => `68${hex(number, 10)}`,
  wireless: (number: number): string => `94${hex(number * 2, 10)}`,
  bluetooth: (number: number): string => `94${hex(number * 2 + 1, 10)}`,
  dock: (number: number): string => `3c${hex(number, 10)}`,
};

/** Names of a disk: what is printed on it, and what Windows shows of an NVMe namespace. */
export function diskIdsOf(number: number, nvme: boolean): string[] {
  const label = `S4EV${base36(number, 8)}`;
  if (!nvme) return [label];
  const groups = `0025388b${hex(number, 24)}`.toUpperCase().match(/.{4}/g) ?? [];
  return [label, `${groups.join('_')}.`];
}

/** Product key id: thirteen digits. */
export function productKeyIdOf(number: number): string {
  return `03${String(number).padStart(11, '0')}`;
}

/** Serial number of a memory module, eight hexadecimal digits as modules have them. */
export function moduleSerialOf(number: number, slot: number): string {
  return new Random(number, 40 + slot).bits().toString(16).padStart(8, '0').toUpperCase();
}

export function base36(number: number, width: number): string {
  return number.toString(36).toUpperCase().padStart(width, '0');
}

function hex(number: number, width: number): string {
  return number.toString(16).padStart(width, '0');
}

/** Site of three, year, week, counter of four. */
function hpSerial(number: number): string {
  const counter = number % 36 ** 4;
  const rest = Math.floor(number / 36 ** 4);
  const week = String((rest % 52) + 1).padStart(2, '0');
  const year = Math.floor(rest / 52) % 10;
  return `5${base36(Math.floor(rest / 520), 2)}${year}${week}${base36(counter, 4)}`;
}

function hyperVSerial(number: number): string {
  const digits = String(number).padStart(11, '0') + String(new Random(number, 7).bits()).padStart(15, '3');
  const groups = digits.slice(0, 26).match(/.{1,4}/g) ?? [];
  return groups.join('-');
}
