import type { Snapshot } from '../snapshot/snapshot.js';
import { maskValue } from '../snapshot/snapshot.js';
import type { Group } from './evidence-groups.js';
import { GROUP_NAMES, GROUPS } from './evidence-groups.js';
import { valuesOf } from './explain.js';

/** What a report says in one group, for people. */
export interface ShownGroup {
  readonly group: Group;
  readonly name: string;
  /** Masked where they name a device; empty where nothing comparable was said. */
  readonly values: readonly string[];
}

/** A model, a processor or a size is what thousands have: it names nobody. */
const IN_CLEAR: readonly Group[] = ['CPU', 'DISPLAY', 'MODEL'];

/** What was read of a report, without saying anything by which its device could be named elsewhere. */
export function showSnapshot(snapshot: Snapshot): ShownGroup[] {
  return GROUPS.map((group) => ({ group, name: GROUP_NAMES[group], values: shownValuesOf(group, snapshot) }));
}

function shownValuesOf(group: Group, snapshot: Snapshot): string[] {
  if (group === 'RAM') return shownMemory(snapshot);
  const values = valuesOf(group, snapshot);
  return IN_CLEAR.includes(group) ? [...values] : values.map(maskValue);
}

function shownMemory({ memoryGigabytes, memoryModules }: Snapshot): string[] {
  return [...(memoryGigabytes === 0 ? [] : [`${memoryGigabytes} GB`]), ...memoryModules.map(maskValue)];
}
