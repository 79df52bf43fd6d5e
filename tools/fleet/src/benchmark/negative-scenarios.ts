import type { Device } from '../device.js';
import { makeDevice } from '../device.js';
import { dellUuid, serialOf, uuidOf } from '../identifiers.js';
import { numberOf } from '../lot-number.js';
import type { WrittenBack } from './repairs.js';
import { withAllPartsNew, withNewBoard, withNewDisk, withSomePartsNew } from './repairs.js';
import type { Probe, Scenario, Scene } from './scenario.js';
import { MATCH, MATCH_OR_REVIEW, NO, REVIEW, REVIEW_OR_NO } from './scenario.js';
import { creepingSubstitution, replay } from './stories.js';

const stranger = (device: Device): Probe => ({ device, owner: null });
const physical = (device: Device): boolean => device.model.vendor !== 'vm';
const FRESH: WrittenBack = { serial: false, uuid: false, boardSerial: false };
const SERIAL: WrittenBack = { ...FRESH, serial: true };
const SERIAL_AND_UUID: WrittenBack = { ...SERIAL, uuid: true };
const EVERYTHING: WrittenBack = { serial: true, uuid: true, boardSerial: true };

/** Devices that must not be taken for a registered one, or not without a person. Source: matching.md E.2 (N01 to N17). */
export const NEGATIVE_SCENARIOS: readonly Scenario[] = [
  {
    id: 'N01',
    title: 'board replaced, names as from the factory',
    expected: { tpm: NO, none: NO },
    fits: physical,
    make: newBoard(FRESH),
  },
  {
    id: 'N02',
    title: 'board replaced, serial number written back',
    expected: { tpm: NO, none: REVIEW_OR_NO },
    fits: physical,
    make: newBoard(SERIAL),
  },
  {
    id: 'N03',
    title: 'board replaced, serial number and UUID written back',
    expected: { tpm: NO, none: REVIEW },
    fits: physical,
    make: newBoard(SERIAL_AND_UUID),
  },
  {
    id: 'N04',
    title: 'the same and the board serial number',
    expected: { tpm: NO, none: REVIEW },
    fits: physical,
    make: newBoard(EVERYTHING),
  },
  {
    id: 'N05',
    title: 'N03, all other parts kept, or all replaced',
    expected: { tpm: NO, none: REVIEW_OR_NO },
    fits: physical,
    make: keptOrReplaced,
  },
  {
    id: 'N06',
    title: 'board of registered A in registered chassis B',
    expected: { tpm: MATCH, none: MATCH_OR_REVIEW },
    fits: physical,
    make: boardInAnotherChassis,
  },
  {
    id: 'N07',
    title: 'replacement board with its TPM off',
    expected: { tpm: REVIEW_OR_NO, none: null },
    fits: physical,
    make: boardWithTpmOff,
  },
  {
    id: 'N08',
    title: 'stranger with a registered disk, or disk and radio',
    expected: { tpm: NO, none: NO },
    fits: physical,
    make: reusedParts,
  },
  {
    id: 'N09',
    title: 'duplicate serial number, UUID, or both',
    expected: { tpm: NO, none: REVIEW_OR_NO },
    fits: physical,
    make: duplicates,
  },
  {
    id: 'N10',
    title: 'white-box board with placeholders only',
    expected: { tpm: NO, none: NO },
    make: placeholdersOnly,
  },
  { id: 'N11', title: 'neighbour of a production lot', expected: { tpm: NO, none: NO }, make: neighbour },
  {
    id: 'N12',
    title: 'any stranger',
    expected: { tpm: NO, none: NO },
    make: (scene) => stranger(strangerOf(scene, scene.random.below(scene.registry.size))),
  },
  {
    id: 'N13',
    title: 'copied virtual machine, or one with its host’s UUID',
    expected: { tpm: REVIEW_OR_NO, none: REVIEW },
    fits: (device) => !physical(device),
    make: copiedMachine,
  },
  {
    id: 'N14',
    title: 'sold on with a new disk, by another tenant',
    expected: { tpm: MATCH, none: MATCH },
    fits: physical,
    make: (scene) => ({
      device: withNewDisk(scene.subject.device, scene.spare, scene.random),
      owner: scene.subject.id,
    }),
  },
  {
    id: 'N15',
    title: 'creeping toward another device',
    expected: { tpm: REVIEW_OR_NO, none: REVIEW },
    fits: physical,
    make: creeping,
  },
  {
    id: 'N16',
    title: 'edited report: serial number, or key not of its modulus',
    expected: { tpm: REVIEW, none: REVIEW },
    fits: physical,
    make: tampered,
  },
  {
    id: 'N17',
    title: 'old report sent again',
    expected: { tpm: NO, none: NO },
    make: (scene) => ({ ...stranger(scene.subject.device), story: () => replay(scene) }),
  },
];

function newBoard(back: WrittenBack): (scene: Scene) => Probe {
  return ({ subject, spare, random }) =>
    stranger(withSomePartsNew(withNewBoard(subject.device, spare, random, back), spare, random));
}

function keptOrReplaced({ subject, spare, random }: Scene): Probe {
  const device = withNewBoard(subject.device, spare, random, SERIAL_AND_UUID);
  return stranger(random.chance(0.5) ? device : withAllPartsNew(device, spare, random));
}

function boardInAnotherChassis({ subject, sibling, random }: Scene): Probe | null {
  const chassis = sibling();
  if (chassis === null) return null;
  const { device } = subject;
  const { serialNumber } = random.chance(0.5) ? chassis.device : device;
  const uuid = device.model.vendor === 'dell' ? dellUuid(serialNumber) : device.board.uuid;
  return { device: { ...chassis.device, serialNumber, board: { ...device.board, uuid } }, owner: subject.id };
}

function boardWithTpmOff({ subject, spare, random }: Scene): Probe {
  const device = withNewBoard(subject.device, spare, random, random.chance(0.5) ? SERIAL : SERIAL_AND_UUID);
  return stranger({ ...device, board: { ...device.board, tpm: null } });
}

function reusedParts(scene: Scene): Probe {
  const device = strangerOf(scene, scene.random.below(scene.registry.size));
  const { disk, radio } = scene.subject.device;
  return stranger({
    ...device,
    disk,
    radio: scene.random.chance(0.5) && radio !== null ? { ...radio, soldered: false } : device.radio,
  });
}

/** Another unit of the same model: a neighbour with every number its own but the duplicated one. */
function duplicates(scene: Scene): Probe {
  const { subject, random } = scene;
  const kind = random.below(3);
  const device = withNewBoard(neighbourOf(scene), scene.spare, random, FRESH);
  const fresh = {
    ...device,
    model: subject.device.model,
    manufacturer: subject.device.manufacturer,
    product: subject.device.product,
  };
  const { serialNumber, board } = subject.device;
  return stranger({
    ...fresh,
    disk: withNewDisk(fresh, scene.spare, random).disk,
    serialNumber: kind === 1 ? fresh.serialNumber : serialNumber,
    board: { ...fresh.board, uuid: kind === 0 ? fresh.board.uuid : board.uuid, tpm: keyLike(scene) },
  });
}

function placeholdersOnly(scene: Scene): Probe {
  const device = neighbourOf(scene);
  return stranger({
    ...device,
    manufacturer: 'System manufacturer',
    product: 'System Product Name',
    sku: 'SKU',
    serialNumber: 'System Serial Number',
    board: {
      uuid: '00020003000400050006000700080009',
      serial: 'Default string',
      lanMac: '',
      productKeyId: '',
      tpm: keyLike(scene),
    },
    disk: withNewDisk(device, scene.spare, scene.random).disk,
    radio: null,
    addInMac: '',
  });
}

function neighbour(scene: Scene): Probe {
  return stranger(neighbourOf(scene));
}

function copiedMachine(scene: Scene): Probe {
  const { subject, spare, random } = scene;
  const { device } = subject;
  const number = spare();
  const kind = random.below(4);
  const fresh = device.board.tpm === null ? null : { key: number, kind: 'firmware' as const };
  if (kind === 3) return guestOfRegisteredHost(scene, fresh);
  // Kept or new: virtual TPM, UUID; the network address is always new, as hypervisors do it.
  const tpm = device.board.tpm === null ? null : kind === 0 ? device.board.tpm : fresh;
  const uuid = kind === 1 ? device.board.uuid : uuidOf('vm', '', number);
  return stranger({ ...device, board: { ...device.board, tpm, uuid } });
}

/** A virtual machine nobody registered, whose hypervisor passes the UUID of its registered host through. */
function guestOfRegisteredHost({ subject, anybody, spare }: Scene, tpm: Device['board']['tpm']): Probe {
  let host = anybody();
  while (!physical(host.device)) host = anybody();
  const { device } = subject;
  return stranger({
    ...device,
    serialNumber: serialOf('vm', spare()),
    board: { ...device.board, uuid: host.device.board.uuid, tpm },
  });
}

function creeping(scene: Scene): Probe | null {
  const target = scene.sibling();
  if (target === null || (target.device.board.tpm === null) !== (scene.subject.device.board.tpm === null)) return null;
  return { ...stranger(target.device), story: () => creepingSubstitution(scene, target) };
}

function tampered({ subject, random, spare }: Scene): Probe {
  const forged = subject.device.board.tpm !== null && random.chance(0.5);
  const edited = `ED${spare().toString(36).toUpperCase()}`;
  if (forged) return { ...stranger(subject.device), form: 'hardware-hash', forgedModulus: true };
  // The hardware is the subject's, so a match is not to a stranger; it is still not what the reference wants.
  return {
    device: subject.device,
    owner: subject.id,
    edit: (report) => ({ ...report, system: { ...report.system, serialNumber: edited } }),
  };
}

/** The unregistered device that follows a registered one in its lot. */
function strangerOf({ registry, subject }: Scene, index: number): Device {
  const lot = { seed: registry.seed, index: index * 2 + 1 };
  const device = makeDevice(lot);
  const tpm = device.board.tpm ?? { key: numberOf(lot), kind: 'discrete' as const };
  return { ...device, board: { ...device.board, tpm: subject.device.board.tpm === null ? null : tpm } };
}

function neighbourOf(scene: Scene): Device {
  return strangerOf(scene, Number(scene.subject.id));
}

function keyLike({ subject, spare }: Scene): Device['board']['tpm'] {
  return subject.device.board.tpm === null ? null : { key: spare(), kind: 'discrete' };
}
