import type { DiskBus, DiskPart, NetworkPart } from '@groundcrew/matching';
import { basename } from 'node:path';
import type { MachineFiles } from './machine-files.js';

const gigabyte = 1_000_000_000;

/** The disks that are built in, that of the running system first. */
export async function readDisks(files: MachineFiles): Promise<DiskPart[]> {
  const names = (await files.names('sys/block')).filter((name) => !/^(loop|ram|zram|dm-|md|sr|fd|nbd)/.test(name));
  const system = await systemDisk(files, names);
  const disks: DiskPart[] = [];
  for (const name of names) {
    const at = `sys/block/${name}`;
    if ((await files.text(`${at}/removable`)) === '1') continue;
    const place = await files.target(at);
    if (place === '' || place.includes('/usb')) continue;
    const sectors = Number(await files.text(`${at}/size`));
    const bus = busOf(name, place, await files.text(`${at}/device/vendor`));
    const ids = [await serialOf(files, at), namespaceOf(await firstText(files, [`${at}/wwid`, `${at}/device/wwid`]))];
    disks.push({
      ids: [...new Set(ids.filter((id) => id !== ''))],
      product: await files.text(`${at}/device/model`),
      vendor: bus === 'sata' ? '' : printable(await files.text(`${at}/device/vendor`)),
      bus,
      capacityGigabytes: Number.isFinite(sectors) ? Math.round((sectors * 512) / gigabyte) : 0,
      system: name === system,
    });
  }
  return disks.sort((left, right) => Number(right.system) - Number(left.system));
}

/** The cards that belong to the machine: what is only software has no device behind it, and what hangs at USB goes away again. */
export async function readNetworks(files: MachineFiles): Promise<{ networks: NetworkPart[]; random: string[] }> {
  const networks: NetworkPart[] = [];
  const random: string[] = [];
  for (const name of await files.names('sys/class/net')) {
    const at = `sys/class/net/${name}`;
    const device = await files.target(`${at}/device`);
    if (device === '' || device.includes('/usb')) continue;
    const mac = (await files.text(`${at}/address`)).replaceAll(':', '').toLowerCase();
    if (!/^[0-9a-f]{12}$/.test(mac) || mac === '000000000000') continue;
    // 0 means that the address is the card's own and not one that it was given.
    if (((await files.text(`${at}/addr_assign_type`)) || '0') !== '0') {
      random.push(name);
      continue;
    }
    const wireless = (await files.target(`${at}/wireless`)) !== '' || (await files.target(`${at}/phy80211`)) !== '';
    const bus = basename(await files.target(`${at}/device/subsystem`)).toUpperCase();
    networks.push({ medium: wireless ? 'wireless' : 'ethernet', mac, currentMac: '', bus, placement: 'unknown' });
  }
  for (const name of await files.names('sys/class/bluetooth')) {
    const mac = (await files.text(`sys/class/bluetooth/${name}/address`)).replaceAll(':', '').toLowerCase();
    if (/^[0-9a-f]{12}$/.test(mac))
      networks.push({ medium: 'bluetooth', mac, currentMac: '', bus: 'BTH', placement: 'unknown' });
  }
  return { networks, random };
}

async function serialOf(files: MachineFiles, at: string): Promise<string> {
  const said = await firstText(files, [`${at}/device/serial`, `${at}/serial`]);
  if (said !== '') return said;
  // SCSI's page of the unit's serial number: four bytes of header, then the text.
  const page = await files.bytes(`${at}/device/vpd_pg80`);
  return page === null ? '' : printable(page.toString('latin1', 4));
}

/** A namespace's or unit's worldwide name, without the word that says of which kind it is. */
function namespaceOf(name: string): string {
  return /^(?:eui|naa|uuid)\.(.+)$/.exec(name)?.[1] ?? '';
}

function busOf(name: string, place: string, vendor: string): DiskBus {
  if (name.startsWith('nvme')) return 'nvme';
  if (/\/ata\d+\//.test(place) || vendor === 'ATA') return 'sata';
  return name.startsWith('sd') ? 'scsi' : 'other';
}

/** On which disk is the root of the file system? */
async function systemDisk(files: MachineFiles, names: readonly string[]): Promise<string | undefined> {
  const mounts = await files.text('proc/self/mountinfo');
  const device = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[4] === '/')?.[2];
  const place = device === undefined ? '' : await files.target(`sys/dev/block/${device}`);
  return names.find((name) => place.split('/').includes(name)) ?? names[0];
}

async function firstText(files: MachineFiles, paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = printable(await files.text(path));
    if (text !== '') return text;
  }
  return '';
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '').trim();
}
