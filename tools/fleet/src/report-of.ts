import { hash } from 'node:crypto';
import type { HardwareReport, NetworkPart } from '@groundcrew/matching';
import { anEmptyReport } from '@groundcrew/matching';
import type { Device } from './device.js';
import { Random } from './random.js';

/** 256 bytes that stand for an endorsement key's modulus; the same for the same key. */
export function modulusOf(key: number): Uint8Array {
  const bytes = new Random(key, 25).bytes(256);
  // The key's number stands in the middle, so that no two moduli can meet.
  new DataView(bytes.buffer).setFloat64(128, key);
  bytes[0]! |= 0x80;
  bytes[255]! |= 1;
  return bytes;
}

/** What an honest collector reports of a device at a moment (unix seconds), without noise. */
export function reportOf(device: Device, collectedAt: number): HardwareReport {
  const { board, model, radio } = device;
  const vm = model.vendor === 'vm';
  return {
    ...anEmptyReport('envelope'),
    collectedAt,
    system: {
      manufacturer: device.manufacturer,
      product: device.product,
      serialNumber: device.serialNumber,
      uuid: board.uuid,
      sku: device.sku,
      family: model.family,
      version: '1.0',
    },
    board: {
      manufacturer: model.manufacturer,
      product: model.boardProduct,
      serialNumber: board.serial,
      version: 'A00',
    },
    chassis: { type: model.chassisType, serialNumber: device.serialNumber },
    firmwareVendor: model.manufacturer,
    processor: {
      vendor: device.processor.vendor,
      model: device.processor.model,
      cores: device.processor.cores,
      threads: device.processor.cores * 2,
    },
    memory: {
      totalGigabytes: device.memory.gigabytes,
      slots: device.memory.modules.length,
      modules: vm ? [] : device.memory.modules,
    },
    disks: [
      vm
        ? { ids: [], product: 'Virtual Disk', vendor: 'Msft', bus: 'sas', capacityGigabytes: 127, system: true }
        : {
            ids: device.disk.ids,
            product: device.disk.product,
            vendor: '',
            bus: device.disk.nvme ? 'nvme' : 'sata',
            capacityGigabytes: device.disk.gigabytes,
            system: true,
          },
    ],
    networks: [
      ...(radio === null
        ? []
        : [network('wireless', radio.wireless, 'PCI'), network('bluetooth', radio.bluetooth, 'BTH')]),
      ...(board.lanMac === ''
        ? []
        : [
            vm
              ? network('ethernet', `00155d${board.lanMac.slice(-6)}`, 'VMBUS')
              : network('ethernet', board.lanMac, 'PCI', 'onboard'),
          ]),
      ...(device.addInMac === '' ? [] : [network('ethernet', device.addInMac, 'PCI', 'add-in')]),
    ],
    displays: device.panel === '' ? [] : [device.panel],
    tpm:
      board.tpm === null
        ? null
        : {
            text: "TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'INTC'-Firmware:1.2",
            endorsementKey: hash('sha256', modulusOf(board.tpm.key)),
            kind: board.tpm.kind,
          },
    productKeyId: board.productKeyId,
    productKeyPartNumber: board.productKeyId === '' ? '' : '[TC]X23-12345',
    operatingSystem: '10.0.26100.2314',
  };
}

export function network(
  medium: NetworkPart['medium'],
  mac: string,
  bus: string,
  placement: NetworkPart['placement'] = 'unknown',
): NetworkPart {
  return { medium, mac, bus, placement, currentMac: '' };
}
