/** How many devices of a chunk have which profile in which state. */
export interface ProfileCount {
  state: 'unassigned' | 'assigning' | 'assigned' | 'failed';
  profileId: string | null;
  profileVersion: number | null;
  devices: number;
}

/** How many devices a list of counts is about. */
export function devicesIn(counts: readonly ProfileCount[]): number {
  return counts.reduce((sum, { devices }) => sum + devices, 0);
}

/** Two lists of counts as one. */
export function addCounts(left: readonly ProfileCount[], right: readonly ProfileCount[]): ProfileCount[] {
  const sum = new Map<string, ProfileCount>();
  for (const count of [...left, ...right]) {
    const before = sum.get(keyOf(count))?.devices ?? 0;
    sum.set(keyOf(count), { ...count, devices: before + count.devices });
  }
  return [...sum.values()];
}

/** How many devices that were written were not found again; null where something was found that was not written. */
export function missingFrom(found: readonly ProfileCount[], written: readonly ProfileCount[]): number | null {
  const expected = new Map(written.map((count) => [keyOf(count), count.devices]));
  for (const count of found) {
    if (count.devices > (expected.get(keyOf(count)) ?? 0)) return null;
  }
  return devicesIn(written) - devicesIn(found);
}

function keyOf({ state, profileId, profileVersion }: ProfileCount): string {
  return `${state} ${profileId} ${profileVersion}`;
}
