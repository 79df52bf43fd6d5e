import { describe, expect, it } from '@jest/globals';
import { anEmptyReport } from '../report.js';
import { PLACEHOLDER_MACS, PLACEHOLDER_NAMES, PLACEHOLDER_SERIALS, PLACEHOLDER_UUIDS } from './placeholder-data.js';
import {
  isPlaceholderMac,
  isPlaceholderName,
  isPlaceholderProductKey,
  isPlaceholderSerial,
  isPlaceholderUuid,
  normaliseText,
  swapUuid,
} from './placeholders.js';
import { manufacturerFamily, toSnapshot } from './to-snapshot.js';

describe('values nobody filled in', () => {
  it.each([
    'To Be Filled By O.E.M.',
    ' to be filled by O.E.M',
    'Default string',
    'System Serial Number',
    'None',
    'N/A',
    '0',
    '....',
    'XXXXXXXX',
    '0000000000',
    '1111111',
    '0101010',
    '123456789',
    '0123456789',
    '87654321',
    'abcdef',
    'SN-1234567890',
    'MB-1234567890',
    'ASSET-1234567890',
    'SYS-9876543210',
    '1.2.3',
    '"empty"',
    'Ｎｏｎｅ',
    'not  specified',
  ])('%s is no serial number', (text) => {
    expect(isPlaceholderSerial(normaliseText(text))).toBe(true);
  });

  it.each([
    '7K2Q4X3',
    'PF2NONE7',
    '5CG1234XYZ',
    'CND0EVAL12',
    '013579246801',
    'S4EVNX0M',
    '3762-6031-9351-8758-8222-9601-28',
  ])('%s is a serial number', (text) => {
    expect(isPlaceholderSerial(normaliseText(text))).toBe(false);
  });

  it('knows every listed value again after normalising it', () => {
    for (const value of PLACEHOLDER_SERIALS) expect(isPlaceholderSerial(normaliseText(value))).toBe(true);
    for (const value of PLACEHOLDER_NAMES) expect(isPlaceholderName(normaliseText(value))).toBe(true);
    for (const value of PLACEHOLDER_MACS) expect(isPlaceholderMac(value)).toBe(true);
    for (const value of PLACEHOLDER_UUIDS) {
      expect(value).toMatch(/^[0-9a-f]{32}$/);
      expect(isPlaceholderUuid(value) && isPlaceholderUuid(swapUuid(value))).toBe(true);
    }
  });

  it.each([
    ['0'.repeat(32), true],
    ['f'.repeat(32), true],
    ['01'.repeat(16), true],
    ['03d40274043505aa0006bb0700080009', true],
    ['deadbeef000000000000000000000000', true],
    ['4c4c4544002020108020a0c04f202020', true],
    ['e004253f894fd3419a0c0305e82c3301', false],
  ])('UUID %s: %s', (uuid, expected) => {
    expect(isPlaceholderUuid(uuid)).toBe(expected);
  });

  it('takes a product key id with many zeros, but not a blank', () => {
    expect(isPlaceholderProductKey('0000000000001')).toBe(false);
    expect(isPlaceholderProductKey('0000000000000')).toBe(true);
  });

  it('knows spellings of one maker', () => {
    expect(new Set(['HP', 'Hewlett-Packard', 'HP Inc.', 'hewlett packard'].map(manufacturerFamily))).toEqual(
      new Set(['hp']),
    );
    expect(manufacturerFamily('Dell Inc.')).toBe('dell');
    expect(['constructor', '__proto__', 'toString'].map(manufacturerFamily)).toEqual([
      'constructor',
      '__proto__',
      'tostring',
    ]);
    expect(manufacturerFamily('System manufacturer')).toBe('');
  });
});

describe('cards that are no anchors', () => {
  const card = (
    mac: string,
    bus: string,
    placement: 'unknown' | 'onboard' | 'add-in' | 'removable' = 'unknown',
    medium: 'ethernet' | 'wireless' = 'ethernet',
  ) => {
    const report = { ...anEmptyReport('envelope'), networks: [{ medium, mac, bus, placement, currentMac: '' }] };
    const { lan, wireless, masked } = toSnapshot(report);
    return masked[0]?.reason ?? [...lan, ...wireless].join();
  };

  it.each([
    ['a built-in card', card('48a472000001', 'PCI'), '48a472000001'],
    ['a USB dongle', card('48a472000001', 'USB'), 'NIC_USB_IGNORED'],
    ['a dock', card('48a472000001', 'PCI', 'removable'), 'NIC_USB_IGNORED'],
    ['a card somebody plugged in', card('48a472000001', 'PCI', 'add-in'), 'NIC_ADD_IN_IGNORED'],
    ['a card of an unknown bus', card('48a472000001', ''), 'NIC_BUS_UNKNOWN'],
    ['a randomised address', card('92a472000001', 'PCI', 'unknown', 'wireless'), 'NIC_LOCAL_IGNORED'],
    ['a hypervisor', card('00155d000001', 'PCI'), 'NIC_VIRTUAL_IGNORED'],
    ['a VPN client', card('00059a3c7a00', 'PCI'), 'NIC_PLACEHOLDER'],
    ['a container', card('0242ac110002', 'PCI'), 'NIC_VIRTUAL_IGNORED'],
    ['the documentation range', card('00005e005301', 'PCI'), '00005e005301'],
  ])('%s', (_what, actual, expected) => {
    expect(actual).toBe(expected);
  });
});
