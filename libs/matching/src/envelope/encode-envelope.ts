import { fromHex } from '../bytes/hex.js';
import { writeText } from '../bytes/text.js';
import type { Digests } from '../digests.js';
import type { HardwareReport, NetworkPart } from '../report.js';
import type { Cbor } from './cbor.js';
import { CborMap } from './cbor.js';
import {
  ATTRIBUTE,
  CLASS,
  COMPONENT_FIELD,
  COMPONENT_FLAG,
  ENVELOPE_DIGEST_LENGTH,
  ENVELOPE_HEADER_LENGTH,
  ENVELOPE_VERSION,
  FIELD,
  FLAG_HARDWARE_HASH,
  MAGIC,
} from './layout.js';
import { writeCbor } from './write-cbor.js';

/** What an envelope carries beyond a report. */
export interface EnvelopeExtras {
  /** 16 bytes that no other report has. */
  readonly reportId?: Uint8Array;
  /** The 16 bytes a server gave to be echoed; needed to identify a device online. */
  readonly nonce?: Uint8Array;
  /** A hardware hash of the same moment, unchanged, at most 3072 bytes. */
  readonly hardwareHash?: Uint8Array;
}

/** Writes a report as "hardware report v1" with its digest. Source: matching.md E.1. */
export function encodeEnvelope(report: HardwareReport, digests: Digests, extras: EnvelopeExtras = {}): Uint8Array {
  const fields: [number, Cbor][] = [
    [FIELD.schemaMinor, 0],
    [FIELD.collectedAt, report.collectedAt ?? 0],
    [FIELD.collector, new CborMap([[ATTRIBUTE.version, report.operatingSystem]])],
    [FIELD.components, componentsOf(report)],
  ];
  if (extras.reportId !== undefined) fields.push([FIELD.reportId, extras.reportId]);
  if (extras.nonce !== undefined) fields.push([FIELD.nonce, extras.nonce]);
  if (extras.hardwareHash !== undefined) fields.push([FIELD.hardwareHash, extras.hardwareHash]);
  const payload = writeCbor(new CborMap(fields));
  const body = new Uint8Array(ENVELOPE_HEADER_LENGTH + payload.length);
  const flags = extras.hardwareHash === undefined ? 0 : FLAG_HARDWARE_HASH;
  body.set([...MAGIC, ENVELOPE_VERSION, flags, 0, 0]);
  new DataView(body.buffer).setUint32(8, payload.length);
  body.set(payload, ENVELOPE_HEADER_LENGTH);
  const envelope = new Uint8Array(body.length + ENVELOPE_DIGEST_LENGTH);
  envelope.set(body);
  envelope.set(digests.sha256(body), body.length);
  return envelope;
}

type Attributes = readonly (readonly [number, Cbor])[];

function component(kind: number, attributes: Attributes, flags = 0): Cbor {
  const said = attributes.filter(([, value]) => value !== '' && value !== 0 && value !== null);
  return new CborMap([
    [COMPONENT_FIELD.class, kind],
    [COMPONENT_FIELD.flags, flags],
    [COMPONENT_FIELD.attributes, new CborMap(said)],
  ]);
}

function componentsOf(report: HardwareReport): Cbor[] {
  const { system, board, chassis, processor, memory, tpm } = report;
  const components: Cbor[] = [
    component(CLASS.system, [
      [ATTRIBUTE.manufacturer, short(system.manufacturer)],
      [ATTRIBUTE.product, short(system.product)],
      [ATTRIBUTE.serialNumber, short(system.serialNumber)],
      [ATTRIBUTE.uuid, fromHex(system.uuid)?.length === 16 ? fromHex(system.uuid) : null],
      [ATTRIBUTE.sku, short(system.sku)],
      [ATTRIBUTE.family, short(system.family)],
      [ATTRIBUTE.version, short(system.version)],
    ]),
    component(CLASS.baseboard, [
      [ATTRIBUTE.manufacturer, short(board.manufacturer)],
      [ATTRIBUTE.product, short(board.product)],
      [ATTRIBUTE.serialNumber, short(board.serialNumber)],
      [ATTRIBUTE.version, short(board.version)],
    ]),
    component(CLASS.chassis, [
      [ATTRIBUTE.serialNumber, short(chassis.serialNumber)],
      [ATTRIBUTE.type, chassis.type],
    ]),
    component(CLASS.firmware, [[ATTRIBUTE.manufacturer, short(report.firmwareVendor)]]),
    component(CLASS.processor, [
      [ATTRIBUTE.manufacturer, short(processor.vendor)],
      [ATTRIBUTE.product, short(processor.model)],
      [ATTRIBUTE.cores, processor.cores],
      [ATTRIBUTE.threads, processor.threads],
    ]),
  ];
  if (memory.totalGigabytes > 0 && memory.modules.length === 0) {
    components.push(component(CLASS.memoryModule, [[ATTRIBUTE.capacity, memory.totalGigabytes]]));
  }
  memory.modules.forEach((serialNumber, index) => {
    // The total stands on the first module: sizes of modules are rounded by some firmware, the total is not.
    const capacity = index === 0 ? memory.totalGigabytes : 0;
    components.push(
      component(CLASS.memoryModule, [
        [ATTRIBUTE.serialNumber, short(serialNumber)],
        [ATTRIBUTE.capacity, capacity],
      ]),
    );
  });
  for (const disk of report.disks) {
    const flags = (disk.system ? COMPONENT_FLAG.system : 0) | (disk.bus === 'usb' ? COMPONENT_FLAG.removable : 0);
    components.push(
      component(
        CLASS.disk,
        [
          [ATTRIBUTE.manufacturer, short(disk.vendor)],
          [ATTRIBUTE.product, short(disk.product)],
          [ATTRIBUTE.serialNumber, short(disk.ids[0] ?? '')],
          [ATTRIBUTE.namespaceId, short(disk.ids[1] ?? '')],
          [ATTRIBUTE.bus, disk.bus],
          [ATTRIBUTE.capacity, disk.capacityGigabytes],
        ],
        flags,
      ),
    );
  }
  for (const network of report.networks) components.push(networkComponent(network));
  for (const text of report.displays) components.push(component(CLASS.display, [[ATTRIBUTE.text, short(text)]]));
  for (const text of report.graphics) components.push(component(CLASS.graphics, [[ATTRIBUTE.product, short(text)]]));
  if (tpm !== null) {
    components.push(
      component(CLASS.tpm, [
        [ATTRIBUTE.version, short(tpm.text)],
        [ATTRIBUTE.endorsementKey, fromHex(tpm.endorsementKey)?.length === 32 ? fromHex(tpm.endorsementKey) : null],
        [ATTRIBUTE.type, tpm.kind === 'discrete' ? 1 : tpm.kind === 'firmware' ? 2 : 0],
      ]),
    );
  }
  if (report.productKeyId !== '') {
    const attributes: Attributes = [
      [ATTRIBUTE.text, short(report.productKeyId)],
      [ATTRIBUTE.product, short(report.productKeyPartNumber)],
    ];
    components.push(component(CLASS.productKeyId, attributes));
  }
  return components;
}

function networkComponent(network: NetworkPart): Cbor {
  const flags = {
    onboard: COMPONENT_FLAG.onboard,
    'add-in': COMPONENT_FLAG.addIn,
    removable: COMPONENT_FLAG.removable,
    unknown: 0,
  };
  return component(
    network.medium === 'bluetooth' ? CLASS.bluetooth : CLASS.network,
    [
      [ATTRIBUTE.permanentMac, fromHex(network.mac)],
      [ATTRIBUTE.currentMac, network.currentMac === '' ? null : fromHex(network.currentMac)],
      [ATTRIBUTE.bus, short(network.bus)],
      [ATTRIBUTE.medium, network.medium],
    ],
    flags[network.placement],
  );
}

/** At most 128 bytes of UTF-8: whole characters only. */
function short(text: string): string {
  let kept = text;
  while (writeText(kept).length > 128) kept = kept.slice(0, -1);
  return kept;
}
