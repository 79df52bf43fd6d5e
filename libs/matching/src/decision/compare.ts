import type { Snapshot } from '../snapshot/snapshot.js';
import type { Group, GroupState, GroupStates } from './evidence-groups.js';
import { GROUPS } from './evidence-groups.js';
import type { Weights } from './weights.js';

/** Two snapshots beside each other: the state of each group, and what the bits depend on besides. */
export interface Comparison {
  readonly states: GroupStates;
  /** UUID and serial number are one piece of evidence. */
  readonly derivedUuid: boolean;
  /** The agreeing disk is one that a system starts from. */
  readonly systemDisk: boolean;
  /** A desktop whose product name nobody filled in. */
  readonly plainDesktop: boolean;
  /** One shows an endorsement key and the other none. */
  readonly keyOnOneSide: boolean;
  readonly physicalAgainstVirtual: boolean;
  readonly virtual: boolean;
}

/** Compares a report's snapshot with a registered one. `contested` names groups whose value several devices share. */
export function compareSnapshots(
  observed: Snapshot,
  registered: Snapshot,
  contested: readonly Group[] = [],
): Comparison {
  const states: Record<Group, GroupState> = {
    EK: compareText(observed.endorsementKey, registered.endorsementKey),
    UUID: compareText(observed.uuid, registered.uuid),
    BSN: compareText(observed.boardSerial, registered.boardSerial),
    LAN: compareLan(observed, registered),
    PKID: compareText(observed.productKeyId, registered.productKeyId),
    SN: compareText(observed.serialNumber, registered.serialNumber),
    RADIO: compareRadio(observed, registered),
    DISK: compareDisks(observed, registered),
    RAM: compareMemory(observed, registered),
    CPU: compareText(observed.processor, registered.processor),
    DISPLAY: compareSets(observed.panels, registered.panels),
    MODEL: compareModel(observed, registered),
  };
  for (const group of contested) if (states[group] === 'agree') states[group] = 'contested';
  return {
    states,
    derivedUuid: observed.uuidFromSerial && registered.uuidFromSerial,
    systemDisk: overlaps(observed.systemDisks, registered.systemDisks),
    plainDesktop: registered.formFactor === 'desktop' && registered.product === '',
    keyOnOneSide: (observed.endorsementKey === '') !== (registered.endorsementKey === ''),
    physicalAgainstVirtual: observed.level !== 'opaque' && observed.virtual !== registered.virtual,
    virtual: registered.virtual,
  };
}

/** Bits of each group, and their sum. `holders` says how many devices share a group's value; `population` how many there are. */
export function weigh(
  comparison: Comparison,
  weights: Weights,
  population: number,
  holders: Partial<Record<Group, number>> = {},
): { bits: number; groups: Record<Group, number> } {
  const groups = {} as Record<Group, number>;
  let bits = 0;
  for (const group of GROUPS) {
    const own = bitsOf(group, comparison, weights, population, holders[group]);
    groups[group] = own;
    bits += own;
  }
  if (comparison.derivedUuid) {
    const both = groups.UUID + groups.SN;
    const excess = Math.max(0, both - weights.derivedUuidWithSerial);
    groups.SN -= excess;
    bits -= excess;
  }
  return { bits, groups };
}

function bitsOf(group: Group, comparison: Comparison, weights: Weights, population: number, holders = 1): number {
  const [agree, disagree] = weights.groups[group];
  const state = comparison.states[group];
  if (state === 'disagree') return disagree;
  if (state !== 'agree') return 0;
  if (group === 'DISK' && !comparison.systemDisk) return weights.otherDisk;
  if (group === 'MODEL' && comparison.plainDesktop) return weights.desktopWithoutProduct;
  // A value that many devices hold is worth what its frequency says, never more.
  const rarest = Math.max(holders / population, weights.frequencyFloor);
  return holders > 1 ? Math.min(agree, Math.max(0, -Math.log2(rarest))) : agree;
}

function compareText(left: string, right: string): GroupState {
  if (left === '' || right === '') return 'missing';
  return left === right ? 'agree' : 'disagree';
}

function compareSets(left: readonly string[], right: readonly string[]): GroupState {
  if (left.length === 0 || right.length === 0) return 'missing';
  return overlaps(left, right) ? 'agree' : 'disagree';
}

function compareLan(observed: Snapshot, registered: Snapshot): GroupState {
  const state = compareSets(observed.lan, registered.lan);
  if (state !== 'agree' || (observed.lanIsOnboard && registered.lanIsOnboard)) return state;
  const replaced = (left: readonly string[], right: readonly string[]): boolean =>
    left.some((mac) => !right.includes(mac));
  return replaced(observed.lan, registered.lan) && replaced(registered.lan, observed.lan) ? 'mixed' : 'agree';
}

function compareRadio(observed: Snapshot, registered: Snapshot): GroupState {
  const wireless = compareSets(observed.wireless, registered.wireless);
  const bluetooth = compareSets(observed.bluetooth, registered.bluetooth);
  if (wireless === 'agree' || bluetooth === 'agree') return 'agree';
  return wireless === 'missing' ? bluetooth : wireless;
}

function compareDisks(observed: Snapshot, registered: Snapshot): GroupState {
  const [left, right] = [observed, registered];
  if (left.systemDisks.length + left.otherDisks.length === 0) return 'missing';
  if (right.systemDisks.length + right.otherDisks.length === 0) return 'missing';
  const any =
    overlaps(left.systemDisks, right.systemDisks) ||
    overlaps(left.systemDisks, right.otherDisks) ||
    overlaps(left.otherDisks, right.systemDisks) ||
    overlaps(left.otherDisks, right.otherDisks);
  return any ? 'agree' : 'disagree';
}

function compareMemory(observed: Snapshot, registered: Snapshot): GroupState {
  const modules = compareSets(observed.memoryModules, registered.memoryModules);
  if (modules !== 'missing') return modules;
  if (observed.memoryGigabytes === 0 || registered.memoryGigabytes === 0) return 'missing';
  return observed.memoryGigabytes === registered.memoryGigabytes ? 'agree' : 'disagree';
}

/** A firmware update may edit one string; a contradiction is another maker, or every name of the model differing. */
function compareModel(observed: Snapshot, registered: Snapshot): GroupState {
  if (compareText(observed.manufacturer, registered.manufacturer) === 'disagree') return 'disagree';
  const names = [
    compareText(observed.product, registered.product),
    compareText(observed.boardProduct, registered.boardProduct),
    compareText(observed.sku, registered.sku),
  ];
  if (names.includes('agree')) return 'agree';
  return names.filter((state) => state === 'disagree').length >= 2 ? 'disagree' : 'missing';
}

function overlaps(left: readonly string[], right: readonly string[]): boolean {
  for (const value of left) if (right.includes(value)) return true;
  return false;
}
