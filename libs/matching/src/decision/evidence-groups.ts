/**
 * Evidence is weighed by component group, never by field: fields of one component come and go together. Source: matching.md
 * C.3.
 */
export const GROUPS = [
  'EK',
  'UUID',
  'BSN',
  'LAN',
  'PKID',
  'SN',
  'RADIO',
  'DISK',
  'RAM',
  'CPU',
  'DISPLAY',
  'MODEL',
] as const;
export type Group = (typeof GROUPS)[number];

/**
 * - `mixed`: one member stayed and another was replaced, and nothing tells which of them the board owns. Only LAN.
 * - `contested`: both say the same, but so do other registered devices; worth nothing.
 */
export type GroupState = 'agree' | 'disagree' | 'missing' | 'contested' | 'mixed';

export type GroupStates = Readonly<Record<Group, GroupState>>;

/** What leaves with the mainboard, besides the endorsement key. */
export const BOARD_GROUPS = ['UUID', 'BSN', 'LAN', 'PKID'] as const satisfies readonly Group[];

/** What can name a device at all; parts and models cannot. */
export const IDENTITY_GROUPS = ['UUID', 'BSN', 'LAN', 'PKID', 'SN'] as const satisfies readonly Group[];

/** For people. */
export const GROUP_NAMES: Record<Group, string> = {
  EK: 'TPM endorsement key',
  UUID: 'SMBIOS UUID',
  BSN: 'board serial number',
  LAN: 'built-in Ethernet',
  PKID: 'product key id',
  SN: 'serial number',
  RADIO: 'Wi-Fi and Bluetooth',
  DISK: 'disk',
  RAM: 'memory',
  CPU: 'processor',
  DISPLAY: 'built-in display',
  MODEL: 'model',
};
