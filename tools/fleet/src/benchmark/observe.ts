import type { HardwareReport, NetworkPart, Snapshot } from '@groundcrew/matching';
import { decodeHardwareHash, encodeEnvelope, encodeHardwareHash, toSnapshot } from '@groundcrew/matching';
import type { Device } from '../device.js';
import { macOf } from '../identifiers.js';
import { nodeDigests } from '../node-digests.js';
import type { Random } from '../random.js';
import { modulusOf, network, reportOf } from '../report-of.js';

export type Form = 'hardware-hash' | 'envelope';

/** Seconds of a day; reports of the benchmark are spread over a year from this moment. */
export const FIRST_REPORT_AT = 1_767_600_000;
const YEAR = 365 * 86_400;

/** Docks of one office: few, and each seen with many devices. */
const DOCKS = 200;

/** A report as the field gives it: the truth with what collectors lose and add. Source: matching.md E.2 (noise). */
export function observe(device: Device, random: Random, at = FIRST_REPORT_AT + random.below(YEAR)): HardwareReport {
  const report = reportOf(device, at);
  const lost = (): boolean => random.chance(0.01);
  const { system, board } = report;
  const shout = random.chance(0.05);
  return {
    ...report,
    operatingSystem: random.pick(['10.0.22631.3007', '10.0.26100.2314', '10.0.26100.3775']),
    system: {
      ...system,
      manufacturer: shout ? ` ${system.manufacturer.toUpperCase()} ` : system.manufacturer,
      product: shout ? `${system.product.replace(' ', '  ')} ` : system.product,
      serialNumber: lost() ? '' : shout ? system.serialNumber.toLowerCase() : system.serialNumber,
      uuid: lost() ? '' : random.chance(0.005) ? swapped(system.uuid) : system.uuid,
      sku: lost() ? '' : system.sku,
      version: random.chance(0.1) ? '1.1' : system.version,
    },
    board: {
      ...board,
      serialNumber: lost() ? '' : board.serialNumber,
      version: random.chance(0.1) ? 'A01' : board.version,
    },
    processor: lost() ? { ...report.processor, model: '' } : report.processor,
    memory: lost() ? { totalGigabytes: 0, slots: 0, modules: [] } : report.memory,
    disks: [
      ...(lost() ? [] : report.disks),
      ...(random.chance(0.1)
        ? [
            {
              ids: [`USB${random.bits()}`],
              product: 'Flash Drive',
              vendor: '',
              bus: 'usb' as const,
              capacityGigabytes: 64,
              system: false,
            },
          ]
        : []),
    ],
    networks: [...withLosses(report.networks, lost), ...visitors(random)],
    productKeyId: lost() ? '' : report.productKeyId,
  };
}

/** What comparison sees of a report that was sent in this form. The endorsement key itself is never lost: see P13. */
export function snapshotOf(report: HardwareReport, form: Form): Snapshot {
  return toSnapshot(form === 'envelope' ? { ...report, source: 'envelope' } : asHardwareHash(report));
}

/** The same through the codec: written as bytes, sent as text, read back. `tpmKey` adds the modulus a real hash carries. */
export function snapshotThroughCodec(report: HardwareReport, form: Form, tpmKey: number | null): Snapshot {
  const extras = tpmKey === null ? {} : { endorsementKeyModulus: modulusOf(tpmKey) };
  const bytes =
    form === 'envelope' ? encodeEnvelope(report, nodeDigests) : encodeHardwareHash(report, nodeDigests, extras);
  const decoded = decodeHardwareHash(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
    nodeDigests,
  );
  if (!decoded.ok || decoded.value.report === null) throw new Error('The benchmark wrote a hash that cannot be read.');
  return toSnapshot(decoded.value.report, decoded.value.level);
}

/** A report without what a hardware hash has no place for. Source: matching.md A.3 ("Not present at all"). */
function asHardwareHash(report: HardwareReport): HardwareReport {
  return {
    ...report,
    source: 'hardware-hash',
    board: { ...report.board, serialNumber: '' },
    chassis: { ...report.chassis, serialNumber: '' },
    memory: { ...report.memory, modules: [] },
    disks: report.disks.map((disk) => ({ ...disk, ids: disk.ids.slice(-1) })),
    networks: report.networks.map((card) => ({ ...card, placement: 'unknown' })),
  };
}

function withLosses(networks: readonly NetworkPart[], lost: () => boolean): NetworkPart[] {
  const lan = lost();
  const radio = lost();
  return networks.filter(({ medium }) => (medium === 'ethernet' ? !lan : !radio));
}

function visitors(random: Random): NetworkPart[] {
  return [
    ...(random.chance(0.35) ? [network('ethernet', macOf.dock(random.below(DOCKS)), 'USB', 'removable')] : []),
    ...(random.chance(0.25) ? [network('ethernet', `025041${'000001'}`, 'ROOT')] : []),
  ];
}

function swapped(uuid: string): string {
  const byte = (index: number): string => uuid.slice(index * 2, index * 2 + 2);
  return [3, 2, 1, 0, 5, 4, 7, 6].map(byte).join('') + uuid.slice(16);
}
