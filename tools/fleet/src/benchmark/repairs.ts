import type { Board, Device } from '../device.js';
import { makeDisk, makeMemory, makeRadio } from '../device.js';
import { boardSerialOf, dellUuid, macOf, productKeyIdOf, serialOf, uuidOf } from '../identifiers.js';
import type { Random } from '../random.js';

/** Numbers of spare parts: another seed's, so that no spare is anybody's part. */
export type Spares = () => number;

export const withNewDisk = (device: Device, spare: Spares, random: Random): Device => ({
  ...device,
  disk: makeDisk(spare(), random),
});

export const withNewMemory = (device: Device, spare: Spares, random: Random): Device => ({
  ...device,
  memory: makeMemory(spare(), random.pick([8, 16, 32, 64])),
});

export const withNewRadio = (device: Device, spare: Spares): Device => ({ ...device, radio: makeRadio(spare()) });

/** What a workshop writes into a new board. */
export interface WrittenBack {
  readonly serial: boolean;
  readonly uuid: boolean;
  readonly boardSerial: boolean;
}

/**
 * The device with another board of the same model. Where firmware computes the UUID from the serial number, writing one back
 * writes the other back too. A board has a TPM exactly when the old one had: the model decides.
 */
export function withNewBoard(device: Device, spare: Spares, random: Random, back: WrittenBack): Device {
  const number = spare();
  const { model, board: old } = device;
  const freshSerial = serialOf(model.vendor, number);
  const serialNumber = back.serial ? device.serialNumber : random.chance(0.5) ? 'To Be Filled By O.E.M.' : freshSerial;
  const computed =
    model.vendor === 'dell' && back.serial ? dellUuid(device.serialNumber) : uuidOf(model.vendor, freshSerial, number);
  const blank = old.uuid.startsWith('0002000300');
  const board: Board = {
    uuid: back.uuid || blank ? old.uuid : computed,
    serial: back.boardSerial || old.serial === 'Default string' ? old.serial : boardSerialOf(model.vendor, number),
    lanMac: old.lanMac === '' ? '' : macOf.lan(number),
    productKeyId: old.productKeyId === '' ? '' : productKeyIdOf(number),
    tpm: old.tpm === null ? null : { key: number, kind: old.tpm.kind },
  };
  // A soldered radio leaves with its board.
  return {
    ...device,
    serialNumber,
    board,
    radio: device.radio?.soldered === true ? makeRadio(number, true) : device.radio,
  };
}

export const withAllPartsNew = (device: Device, spare: Spares, random: Random): Device => {
  const parts = withNewMemory(withNewDisk(device, spare, random), spare, random);
  return { ...parts, radio: device.radio === null ? null : makeRadio(spare(), device.radio.soldered) };
};

/** Some parts stay and some do not, as a workshop happens to do it. */
export function withSomePartsNew(device: Device, spare: Spares, random: Random): Device {
  let current = device;
  if (random.chance(0.3)) current = withNewDisk(current, spare, random);
  if (random.chance(0.3) && current.radio?.soldered === false) current = withNewRadio(current, spare);
  return current;
}
