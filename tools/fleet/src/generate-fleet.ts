import { encodeHardwareHash } from '@groundcrew/matching';
import type { Mix } from './catalogue.js';
import type { Device } from './device.js';
import { makeDevice } from './device.js';
import { nodeDigests } from './node-digests.js';
import { modulusOf, reportOf } from './report-of.js';

/** One device as a row of an order says it, in the names of Microsoft Graph. */
export interface FleetDevice {
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  /** Product key id; not every device has one. */
  readonly productKey?: string;
  /** Hardware hash: 4000 characters of base64 with a valid digest. */
  readonly hardwareIdentifier: string;
}

export interface FleetOptions {
  /** 0 … 16383: a namespace. Two seeds never share an identity. */
  readonly seed: number;
  readonly devices: number;
  /** Number of the first device, so that several orders of one seed do not overlap. Default 0. */
  readonly start?: number;
  /** Default 'order': what a maker ships. 'realistic' adds white-box and virtual machines with their placeholders. */
  readonly mix?: Mix;
}

/** 2026-01-05T08:00:00Z: fleets do not depend on the day they are made. */
const CAPTURED_AT = 1_767_600_000;

/** The devices of a fleet, one at a time: nothing is held. */
export function* generateFleet({ seed, devices, start = 0, mix = 'order' }: FleetOptions): Generator<FleetDevice> {
  for (let index = start; index < start + devices; index += 1) yield toFleetDevice(makeDevice({ seed, index }, mix));
}

/** The row of a device, with the hash its maker captured. */
export function toFleetDevice(device: Device): FleetDevice {
  const { tpm, productKeyId } = device.board;
  const extras = tpm === null ? {} : { endorsementKeyModulus: modulusOf(tpm.key) };
  const bytes = encodeHardwareHash(reportOf(device, CAPTURED_AT + device.lot.index * 60), nodeDigests, extras);
  return {
    manufacturer: device.manufacturer,
    model: device.product,
    serialNumber: device.serialNumber,
    ...(productKeyId === '' ? {} : { productKey: productKeyId }),
    hardwareIdentifier: Buffer.from(bytes.buffer).toString('base64'),
  };
}
