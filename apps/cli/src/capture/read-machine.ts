import { anEmptyReport, type HardwareReport, type ProcessorPart, type TpmPart } from '@groundcrew/matching';
import { createHash } from 'node:crypto';
import { readEndorsementKey } from './endorsement-key.js';
import type { MachineFiles } from './machine-files.js';
import { readDisks, readNetworks } from './read-parts.js';
import { readSmbios, type Smbios } from './read-smbios.js';

/** What a machine says of itself. */
export interface Captured {
  report: HardwareReport;
  endorsementKey: Buffer | null;
  /** What could not be read, and what would help, in words. */
  missing: string[];
}

const kilobytesOfGigabyte = 1_048_576;

/**
 * Reads the machine it runs on, as far as its user may. The whole SMBIOS table is root's; without it the kernel still tells maker,
 * model and firmware, and that is said.
 *
 * @param nowSeconds when it is read, in seconds since 1970
 */
export async function readMachine(files: MachineFiles, nowSeconds: number): Promise<Captured> {
  const missing: string[] = [];
  const table = await files.bytes('sys/firmware/dmi/tables/DMI');
  const smbios = table === null ? await readExports(files) : readSmbios(table);
  if (files.forbidden.size > 0) {
    missing.push(
      'Serial numbers and the UUID of the SMBIOS table belong to root: run it with sudo for a hash that names the device.',
    );
  } else if (table === null && smbios.system.manufacturer === '') {
    missing.push('This machine has no SMBIOS table that Linux shows.');
  }
  const { networks, random } = await readNetworks(files);
  for (const name of random) missing.push(`${name} has a made-up address at the moment: it was left out.`);
  const { tpm, endorsementKey, why } = await readTpm(files);
  if (why !== null) missing.push(why);
  const { system, board, chassis, bios, memory } = smbios;
  const kilobytes = Number(/^MemTotal:\s+(\d+) kB/m.exec(await files.text('proc/meminfo'))?.[1] ?? 0);
  const report: HardwareReport = {
    ...anEmptyReport('hardware-hash'),
    collectedAt: nowSeconds,
    system,
    board,
    chassis,
    firmwareVendor: bios.vendor,
    processor: processorIn(await files.text('proc/cpuinfo')),
    memory: {
      totalGigabytes:
        memory.megabytes > 0 ? Math.round(memory.megabytes / 1_024) : Math.ceil(kilobytes / kilobytesOfGigabyte),
      slots: memory.slots,
      modules: [],
    },
    disks: (await readDisks(files)).slice(0, 4),
    networks: networks.slice(0, 8),
    tpm,
  };
  return { report, endorsementKey, missing };
}

/** What the kernel shows of the table one file at a time. Serial numbers and the UUID are root's here, too. */
async function readExports(files: MachineFiles): Promise<Smbios> {
  const said = (name: string) => files.text(`sys/class/dmi/id/${name}`);
  return {
    bios: { vendor: await said('bios_vendor') },
    system: {
      manufacturer: await said('sys_vendor'),
      product: await said('product_name'),
      version: await said('product_version'),
      serialNumber: await said('product_serial'),
      uuid: tableUuid(await said('product_uuid')),
      sku: await said('product_sku'),
      family: await said('product_family'),
    },
    board: {
      manufacturer: await said('board_vendor'),
      product: await said('board_name'),
      version: await said('board_version'),
      serialNumber: await said('board_serial'),
    },
    chassis: { type: Number(await said('chassis_type')) || 0, serialNumber: await said('chassis_serial') },
    memory: { slots: 0, megabytes: 0 },
  };
}

/** The kernel writes the first three fields of a UUID turned round. Source: SMBIOS 2.6, 7.2.1. */
function tableUuid(text: string): string {
  const hex = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return '';
  const turned = (part: string) => part.match(/../g)!.reverse().join('');
  return turned(hex.slice(0, 8)) + turned(hex.slice(8, 12)) + turned(hex.slice(12, 16)) + hex.slice(16);
}

function processorIn(text: string): ProcessorPart {
  const said = (name: string) => new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  return {
    vendor: said('vendor_id'),
    model: said('model name'),
    cores: Number(said('cpu cores')) || 0,
    threads: Number(said('siblings')) || 0,
  };
}

async function readTpm(
  files: MachineFiles,
): Promise<{ tpm: TpmPart | null; endorsementKey: Buffer | null; why: string | null }> {
  const version = await files.text('sys/class/tpm/tpm0/tpm_version_major');
  if (version === '') return { tpm: null, endorsementKey: null, why: null };
  const text = `TPM-Version:${version}.0`;
  try {
    const endorsementKey = version === '2' ? await readEndorsementKey(files.place('dev/tpmrm0')) : null;
    const digest = endorsementKey === null ? '' : createHash('sha256').update(endorsementKey).digest('hex');
    return {
      tpm: { text, endorsementKey: digest, kind: 'unknown' },
      endorsementKey,
      why: endorsementKey === null ? 'The TPM keeps no RSA endorsement key at the usual place.' : null,
    };
  } catch {
    return {
      tpm: { text, endorsementKey: '', kind: 'unknown' },
      endorsementKey: null,
      why: 'The TPM lets only root and the group tss ask for its endorsement key.',
    };
  }
}
