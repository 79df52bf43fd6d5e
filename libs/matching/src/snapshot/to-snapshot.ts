import { fromHex } from '../bytes/hex.js';
import type { DecodeLevel } from '../decode-hardware-hash.js';
import type { DiskPart, HardwareReport, NetworkPart } from '../report.js';
import { MANUFACTURER_FAMILIES, VIRTUAL_DISKS, VIRTUAL_MAC_PREFIXES, VIRTUAL_NAMES } from './placeholder-data.js';
import {
  isPlaceholderMac,
  isPlaceholderName,
  isPlaceholderProductKey,
  isPlaceholderSerial,
  isPlaceholderUuid,
  normaliseText,
  swapUuid,
} from './placeholders.js';
import { remember } from './remember.js';
import type { FormFactor, MaskedValue, MaskReason, Snapshot } from './snapshot.js';
import { maskValue } from './snapshot.js';

/**
 * Makes a report comparable. A tuple or product key alone is `opaque`: it names a device but shows none of it.
 *
 * Source: matching.md B.1 (what is bound to what), B.3 (placeholders), E.1 (levels).
 */
export function toSnapshot(report: HardwareReport, level: DecodeLevel = levelOf(report)): Snapshot {
  const masked: MaskedValue[] = [];
  const { system, board } = report;
  const manufacturer = manufacturerFamily(system.manufacturer) || manufacturerFamily(board.manufacturer);
  const product = nameOf(system.product, masked);
  const sku = nameOf(system.sku, masked);
  const family = spelling(system.family);
  const echoes = [manufacturer, spelling(system.manufacturer), product, sku, family];
  const serialNumber = serialOf(system.serialNumber, 'SN_PLACEHOLDER', echoes, masked);
  const uuid = uuidOf(system.uuid, masked);
  const networks = sortNetworks(report.networks, masked);
  const disks = sortDisks(report.disks, masked);
  return {
    source: report.source,
    level,
    collectedAt: report.collectedAt,
    virtual: isVirtual(report),
    formFactor: formFactorOf(report.chassis.type),
    manufacturer,
    product,
    boardProduct: nameOf(board.product, masked),
    sku,
    endorsementKey: report.tpm?.endorsementKey ?? '',
    uuid,
    uuidFromSerial: uuid !== '' && isDerivedFromSerial(system.uuid),
    serialNumber,
    boardSerial: serialOf(board.serialNumber, 'BSN_PLACEHOLDER', echoes, masked),
    productKeyId: productKeyOf(report.productKeyId, masked),
    ...networks,
    ...disks,
    memoryGigabytes: report.memory.totalGigabytes,
    memoryModules: report.memory.modules.map(normaliseText).filter((serial) => !isPlaceholderSerial(serial)),
    processor: spelling(report.processor.model),
    panels: report.displays,
    masked,
    findings: report.findings,
  };
}

/** The family a manufacturer's spelling belongs to; '' for a blank nobody filled in. */
export const manufacturerFamily = remember((text) => {
  const name = normaliseText(text);
  if (isPlaceholderName(name)) return '';
  const word = name.split(/[\s,.]/, 1)[0] ?? name;
  return MANUFACTURER_FAMILIES.get(name) ?? MANUFACTURER_FAMILIES.get(word) ?? word;
});

/** A name as it is compared; '' for a blank nobody filled in. */
const comparableName = remember((text) => {
  const name = normaliseText(text);
  return isPlaceholderName(name) ? '' : name;
});

/** `normaliseText` of texts that many devices share. */
const spelling = remember(normaliseText);

function isVirtual({ system, networks, disks }: HardwareReport): boolean {
  if (VIRTUAL_NAMES.test(`${spelling(system.manufacturer)} ${spelling(system.product)}`)) return true;
  return networks.some(({ bus }) => bus === 'VMBUS') || (disks.length > 0 && disks.every(isVirtualDisk));
}

function isVirtualDisk(disk: DiskPart): boolean {
  return (
    VIRTUAL_DISKS.test(spelling(`${disk.vendor} ${disk.product}`)) ||
    VIRTUAL_DISKS.test(normaliseText(disk.ids[0] ?? ''))
  );
}

function levelOf(report: HardwareReport): DecodeLevel {
  return report.source === 'tuple' || report.source === 'product-key'
    ? 'opaque'
    : report.source === 'oa3-xml'
      ? 'partial'
      : 'full';
}

function nameOf(text: string, masked: MaskedValue[]): string {
  const name = comparableName(text);
  if (name !== '') return name;
  if (text !== '') mask(masked, 'MODEL_PLACEHOLDER', text);
  return '';
}

function serialOf(text: string, reason: MaskReason, echoes: readonly string[], masked: MaskedValue[]): string {
  const serial = normaliseText(text);
  if (serial === '') return '';
  if (!isPlaceholderSerial(serial) && !echoes.includes(serial)) return serial;
  mask(masked, reason, text);
  return '';
}

function uuidOf(uuid: string, masked: MaskedValue[]): string {
  if (uuid.length !== 32) return '';
  if (isPlaceholderUuid(uuid)) {
    mask(masked, 'UUID_PLACEHOLDER', uuid);
    return '';
  }
  // Firmware and collectors disagree about byte order; the smaller of the two spellings stands for both.
  const swapped = swapUuid(uuid);
  return swapped < uuid ? swapped : uuid;
}

/** "DELL" in the first four bytes: the rest is the service tag. Source: matching.md B.1 (Dell correlation). */
function isDerivedFromSerial(uuid: string): boolean {
  return uuid.startsWith('44454c4c') || uuid.startsWith('4c4c4544');
}

/** The serial number spelled by a Dell UUID (raw SMBIOS bytes, hexadecimal), or '' when it spells none. */
export function serialInUuid(uuid: string): string {
  const raw = fromHex(uuid.startsWith('4c4c4544') ? swapUuid(uuid) : uuid);
  if (raw === null || raw.length !== 16 || !isDerivedFromSerial(uuid)) return '';
  const tag = [raw[4]!, raw[7]!, raw[9]!, raw[10]! & 0x7f, raw[13]!, raw[14]!, raw[15]!];
  return String.fromCharCode(...tag).toLowerCase();
}

function productKeyOf(text: string, masked: MaskedValue[]): string {
  const id = normaliseText(text);
  if (id === '') return '';
  if (!isPlaceholderProductKey(id)) return id;
  mask(masked, 'PKID_PLACEHOLDER', text);
  return '';
}

function sortNetworks(networks: readonly NetworkPart[], masked: MaskedValue[]) {
  const lan: string[] = [];
  const wireless: string[] = [];
  const bluetooth: string[] = [];
  let lanIsOnboard = false;
  for (const network of networks) {
    const mac = network.mac.toLowerCase();
    const reason = reasonToIgnore(network, mac);
    if (reason !== null) mask(masked, reason, mac);
    else if (network.medium === 'ethernet') {
      lan.push(mac);
      lanIsOnboard ||= network.placement === 'onboard';
    } else if (network.medium === 'wireless') wireless.push(mac);
    else bluetooth.push(mac);
  }
  return { lan: lan.sort(), lanIsOnboard, wireless: wireless.sort(), bluetooth: bluetooth.sort() };
}

function reasonToIgnore(network: NetworkPart, mac: string): MaskReason | null {
  const { bus, medium, placement } = network;
  if (mac.length !== 12 || medium === 'other') return 'NIC_VIRTUAL_IGNORED';
  if (bus === 'USB' || bus.startsWith('THUNDERBOLT') || placement === 'removable') return 'NIC_USB_IGNORED';
  if (bus !== '' && bus !== 'PCI' && bus !== 'BTH' && bus !== 'SD') return 'NIC_VIRTUAL_IGNORED';
  if (VIRTUAL_MAC_PREFIXES.has(mac.slice(0, 6)) || mac.startsWith('0242')) return 'NIC_VIRTUAL_IGNORED';
  if ((Number.parseInt(mac.charAt(1), 16) & 3) !== 0) return 'NIC_LOCAL_IGNORED';
  if (isPlaceholderMac(mac)) return 'NIC_PLACEHOLDER';
  if (medium !== 'ethernet') return null;
  if (placement === 'add-in') return 'NIC_ADD_IN_IGNORED';
  // Without a bus a dock cannot be told from a built-in card, and docks are shared by many machines.
  return bus === 'PCI' || placement === 'onboard' ? null : 'NIC_BUS_UNKNOWN';
}

function sortDisks(disks: readonly DiskPart[], masked: MaskedValue[]) {
  const system: string[] = [];
  const other: string[] = [];
  const marked = disks.some((disk) => disk.system);
  for (const disk of disks) {
    if (disk.bus === 'usb') {
      mask(masked, 'DISK_REMOVABLE_IGNORED', disk.ids[0] ?? '');
      continue;
    }
    if (isVirtualDisk(disk)) {
      mask(masked, 'DISK_VIRTUAL_IGNORED', disk.product);
      continue;
    }
    // Where no report marks it, the first fixed disk is the one the system starts from.
    const target = disk.system || (!marked && system.length === 0) ? system : other;
    for (const id of disk.ids) {
      const bare = diskIdOf(id);
      if (isPlaceholderSerial(bare)) mask(masked, 'DISK_PLACEHOLDER', id);
      else target.push(bare);
    }
  }
  return { systemDisks: system.sort(), otherDisks: other.sort() };
}

/** Windows groups a namespace id with underscores and a final dot; Linux puts "eui." or "wwn-0x" before it. */
function diskIdOf(id: string): string {
  return normaliseText(id)
    .replace(/^(eui\.|nguid\.|uuid\.|nvme\.|wwn-0x|0x)/, '')
    .replace(/[_.\s-]/g, '');
}

function formFactorOf(chassisType: number): FormFactor {
  if ([8, 9, 10, 14, 30, 31, 32].includes(chassisType)) return 'notebook';
  return [3, 4, 5, 6, 7, 13, 15, 16, 35, 36].includes(chassisType) ? 'desktop' : 'other';
}

function mask(masked: MaskedValue[], reason: MaskReason, value: string): void {
  masked.push({ reason, shown: maskValue(value) });
}
