import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readHeader, readLine } from '@groundcrew/domain';
import { decodeHardwareHash, identityClaims, toSnapshot } from '@groundcrew/matching';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { modulusIn } from '../capture/endorsement-key.js';
import { readSmbios } from '../capture/read-smbios.js';
import { decodingDigests } from '../matching/decoding-digests.js';
import { aFinishedRun, aRun, runId, tenantId } from '../testing/a-run.js';
import { cli } from '../testing/run-in-process.js';
import { answers, ScriptedService, streams } from '../testing/scripted-service.js';

/** A structure of an SMBIOS table: its fields behind the header, and its texts. */
function structure(type: number, fields: number[], texts: string[]): Buffer {
  const body = Buffer.from([type, fields.length + 4, 0, 0, ...fields]);
  const strings = texts.length === 0 ? '\0\0' : `${texts.join('\0')}\0\0`;
  return Buffer.concat([body, Buffer.from(strings, 'latin1')]);
}

const uuid = '001122334455667788990a0b0c0d0e0f';
const module16 = [0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x40];
const table = Buffer.concat([
  structure(0, [1, 2], ['Fabrikam Firmware', '1.2']),
  structure(
    1,
    [1, 2, 3, 4, ...Buffer.from(uuid, 'hex'), 6, 5, 6],
    ['Fabrikam', 'Book 5', 'V1', ' FB5X7K2Q9 ', 'SKU7', 'Books'],
  ),
  structure(2, [1, 2, 3, 4], ['Fabrikam', 'FB-5', 'A00', 'BOARD-1']),
  structure(3, [1, 0x8a, 2, 3], ['Fabrikam', 'x', 'CHASSIS-1']),
  structure(17, module16, []),
  structure(17, module16, []),
  structure(127, [], []),
]);

describe('the SMBIOS table', () => {
  it('is read by its structures', () => {
    expect(readSmbios(table)).toEqual({
      bios: { vendor: 'Fabrikam Firmware' },
      system: {
        manufacturer: 'Fabrikam',
        product: 'Book 5',
        version: 'V1',
        serialNumber: 'FB5X7K2Q9',
        uuid,
        sku: 'SKU7',
        family: 'Books',
      },
      board: { manufacturer: 'Fabrikam', product: 'FB-5', version: 'A00', serialNumber: 'BOARD-1' },
      chassis: { type: 10, serialNumber: 'CHASSIS-1' },
      memory: { slots: 2, megabytes: 32_768 },
    });
  });

  it('that is cut off anywhere says what it can, and nothing breaks', () => {
    for (let end = 0; end <= table.length; end += 1) readSmbios(table.subarray(0, end));
    expect(readSmbios(table.subarray(0, 60)).bios.vendor).toBe('Fabrikam Firmware');
  });
});

describe('the TPM’s answer', () => {
  const modulus = createHash('sha512').update('ek').digest();
  const key = Buffer.concat([modulus, modulus, modulus, modulus]);
  const answer = Buffer.concat([
    Buffer.from('80010000000000000000013a', 'hex'),
    Buffer.from('0001000b000300b2', 'hex'),
    Buffer.from(`0020${'aa'.repeat(32)}`, 'hex'),
    Buffer.from('0006008000430010080000000000', 'hex'),
    Buffer.from([1, 0]),
    key,
  ]);
  it('holds the endorsement key', () => expect(modulusIn(answer)).toEqual(key));
  it('that is a refusal, or is cut off, holds none', () => {
    expect(modulusIn(Buffer.from('80010000000a0000018b', 'hex'))).toBeNull();
    for (let end = 0; end < answer.length; end += 1) expect(modulusIn(answer.subarray(0, end))).toBeNull();
  });
});

describe('capturing a machine', () => {
  const service = new ScriptedService();
  let root: string;
  let out: string;

  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
    root = await mkdtemp(join(tmpdir(), 'groundcrew-machine-'));
    out = join(root, 'device.csv');
    const files: Record<string, string | Buffer> = {
      'sys/firmware/dmi/tables/DMI': table,
      'proc/cpuinfo': 'vendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Core(TM) i5\nsiblings\t: 8\ncpu cores\t: 4\n',
      'proc/meminfo': 'MemTotal:       32594412 kB\n',
      'proc/self/mountinfo': '30 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n',
      'sys/devices/pci0/nvme0/nvme0n1/size': '1000215216\n',
      'sys/devices/pci0/nvme0/nvme0n1/removable': '0\n',
      'sys/devices/pci0/nvme0/nvme0n1/wwid': 'eui.0025388a01b2c3d4\n',
      'sys/devices/pci0/nvme0/nvme0n1/device/serial': 'S4EVNX0\n',
      'sys/devices/pci0/nvme0/nvme0n1/device/model': 'SAMSUNG 512\n',
      'sys/devices/pci0/nvme0/nvme0n1/nvme0n1p2/dev': '259:2\n',
      'sys/devices/pci0/usb1/sdb/size': '100\n',
      'sys/class/net/lo/address': '00:00:00:00:00:00\n',
      'sys/devices/pci0/eth/net/eth0/address': '3c:52:82:11:22:33\n',
      'sys/devices/pci0/eth/net/eth0/addr_assign_type': '0\n',
      'sys/devices/pci0/wifi/net/wlan0/address': '3c:52:82:44:55:66\n',
      'sys/devices/pci0/wifi/net/wlan0/addr_assign_type': '0\n',
      'sys/devices/pci0/wifi/net/wlan0/wireless/x': '',
      'sys/devices/pci0/other/net/wlan1/address': '02:52:82:44:55:66\n',
      'sys/devices/pci0/other/net/wlan1/addr_assign_type': '3\n',
      'sys/class/tpm/tpm0/tpm_version_major': '2\n',
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    const links: [string, string][] = [
      ['sys/block/nvme0n1', 'sys/devices/pci0/nvme0/nvme0n1'],
      ['sys/block/sdb', 'sys/devices/pci0/usb1/sdb'],
      ['sys/dev/block/259:2', 'sys/devices/pci0/nvme0/nvme0n1/nvme0n1p2'],
      ['sys/class/net/eth0', 'sys/devices/pci0/eth/net/eth0'],
      ['sys/class/net/wlan0', 'sys/devices/pci0/wifi/net/wlan0'],
      ['sys/class/net/wlan1', 'sys/devices/pci0/other/net/wlan1'],
      ['sys/devices/pci0/eth/net/eth0/device', 'sys/devices/pci0/eth'],
      ['sys/devices/pci0/wifi/net/wlan0/device', 'sys/devices/pci0/wifi'],
      ['sys/devices/pci0/other/net/wlan1/device', 'sys/devices/pci0/other'],
    ];
    for (const [link, target] of links) {
      await mkdir(dirname(join(root, link)), { recursive: true });
      await symlink(join(root, target), join(root, link));
    }
  });
  afterEach(async () => {
    await service.stop();
    await rm(root, { recursive: true });
  });

  const decoded = async () => {
    const [header = '', line = ''] = (await readFile(out, 'utf8')).split('\r\n');
    const layout = readHeader(header);
    if (!layout.ok) throw new Error(layout.refusal.message);
    expect(layout.value.corrections).toEqual([]);
    const reading = readLine(layout.value, line, true);
    if (!reading.ok) throw new Error(reading.refusal.message);
    const hash = decodeHardwareHash(reading.row.hardwareIdentifier!, decodingDigests);
    if (!hash.ok) throw new Error(hash.rejection.code);
    return { row: reading.row, hash: hash.value };
  };

  it('writes a file that can be imported as it is, and says what could not be read', async () => {
    const { exitCode, stdout } = await cli(service, ['capture', '--root', root, '--out', out, '--group-tag', 'Kiosk']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Fabrikam Book 5 FB5X7K2Q9');
    expect(stdout).toContain('The TPM lets only root and the group tss ask for its endorsement key.');
    expect(stdout).toContain('wlan1 has a made-up address');
    expect((await stat(out)).mode & 0o077).toBe(0);
    const { row, hash } = await decoded();
    expect(row).toMatchObject({ serialNumber: 'FB5X7K2Q9', groupTag: 'Kiosk' });
    expect(hash).toMatchObject({ level: 'full', trailer: 'verified' });
    expect(hash.report).toMatchObject({
      system: { manufacturer: 'Fabrikam', product: 'Book 5', serialNumber: 'FB5X7K2Q9', uuid },
      board: { product: 'FB-5' },
      processor: { cores: 4, threads: 8 },
      memory: { totalGigabytes: 32, slots: 2 },
      disks: [{ ids: ['0025388a01b2c3d4'], product: 'SAMSUNG 512', bus: 'nvme', capacityGigabytes: 512 }],
      networks: [
        { medium: 'ethernet', mac: '3c5282112233' },
        { medium: 'wireless', mac: '3c5282445566' },
      ],
    });
    expect(identityClaims(toSnapshot(hash.report!, 'full'))).not.toEqual([]);
  });

  it('without the table takes what the kernel shows to everybody', async () => {
    await rm(join(root, 'sys/firmware'), { recursive: true });
    await mkdir(join(root, 'sys/class/dmi/id'), { recursive: true });
    const shown = {
      sys_vendor: 'Fabrikam',
      product_name: 'Book 5',
      chassis_type: '10',
      product_uuid: '33221100-5544-7766-8899-0a0b0c0d0e0f',
    };
    for (const [name, text] of Object.entries(shown))
      await writeFile(join(root, 'sys/class/dmi/id', name), `${text}\n`);
    expect(await cli(service, ['capture', '--root', root, '--out', out])).toMatchObject({ exitCode: 0 });
    expect((await decoded()).hash.report!.system).toMatchObject({
      manufacturer: 'Fabrikam',
      product: 'Book 5',
      serialNumber: '',
      uuid,
    });
  });

  it('registers the machine at once where a tenant is named', async () => {
    service.plays(`POST /v1/tenants/${tenantId}/imports`, answers(202, aRun({ kind: 'import' })));
    service.plays(`GET /v1/operations/${runId}/events`, streams('', 'stays'));
    service.plays(`GET /v1/operations/${runId}`, answers(200, aFinishedRun()));
    expect(await cli(service, ['capture', '--root', root, '--tenant', tenantId])).toMatchObject({ exitCode: 0 });
    expect(service.seen[0]!.body).toMatch(
      /^Device Serial Number,Windows Product ID,Hardware Hash,Group Tag\r\nFB5X7K2Q9,,/,
    );
  });

  it('wants to know where the hash goes', async () => {
    expect(await cli(service, ['capture', '--root', root])).toMatchObject({ exitCode: 2 });
  });
});
