import type { CandidateDecision } from '../decision/decide.js';
import type { Group } from '../decision/evidence-groups.js';
import { BOARD_GROUPS } from '../decision/evidence-groups.js';
import type { Snapshot } from '../snapshot/snapshot.js';

/** The fields of a snapshot that a group owns: what a refresh of the group replaces. */
export const GROUP_FIELDS = {
  EK: ['endorsementKey'],
  UUID: ['uuid', 'uuidFromSerial'],
  BSN: ['boardSerial'],
  LAN: ['lan', 'lanIsOnboard'],
  PKID: ['productKeyId'],
  SN: ['serialNumber'],
  RADIO: ['wireless', 'bluetooth'],
  DISK: ['systemDisks', 'otherDisks'],
  RAM: ['memoryGigabytes', 'memoryModules'],
  CPU: ['processor'],
  DISPLAY: ['panels'],
  MODEL: ['product', 'boardProduct', 'sku'],
} as const satisfies Record<Group, readonly (keyof Snapshot)[]>;

/** Groups that follow the device by themselves. */
export const REPLACEABLE_GROUPS = ['DISK', 'RADIO', 'RAM', 'DISPLAY', 'MODEL'] as const satisfies readonly Group[];

/** One group of one device took on a new value. Before and after are complete, so it can be taken back. */
export interface RefreshEvent {
  readonly deviceId: string;
  readonly group: Group;
  /** Unix seconds UTC. */
  readonly at: number;
  readonly rule: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

export interface RefreshHistory {
  /** Times (unix seconds) of earlier refreshes of this device, with the groups. */
  readonly refreshes: readonly { readonly group: Group; readonly at: number }[];
  /** Groups whose new value was last seen on another registered device. */
  readonly lastSeenElsewhere: readonly Group[];
}

/** Why a changed group was not taken over. */
export type HeldReason =
  | 'not-matched'
  | 'too-little-certainty'
  | 'board-anchor'
  | 'one-anchor-at-a-time'
  | 'never-by-itself'
  | 'too-many-changes'
  | 'seen-on-another-device';

export interface RefreshPlan {
  readonly events: readonly RefreshEvent[];
  readonly held: readonly { readonly group: Group; readonly reason: HeldReason }[];
  /** A person must look before this device is followed any further. */
  readonly review: boolean;
}

/** Most group changes in a month before a person must look; length of that month in seconds. */
export const MOST_CHANGES = 3;
export const CHANGE_WINDOW_SECONDS = 30 * 86_400;

/**
 * What of a matched report becomes the device's confirmed snapshot. Parts follow the device; marks of the board never follow
 * by themselves, except one at a time while the TPM agrees. When the anchor goes, identity goes: that takes a new
 * registration, not a refresh.
 *
 * Source: matching.md C.4.
 */
export function planRefresh(
  decision: CandidateDecision,
  observed: Snapshot,
  confirmed: Snapshot,
  history: RefreshHistory,
  at: number,
): RefreshPlan {
  const changed = changedGroups(decision, observed, confirmed);
  if (decision.outcome !== 'match') return hold(changed, 'not-matched', false);
  const agreeing = BOARD_GROUPS.filter((group) => decision.states[group] === 'agree').length;
  if (decision.rule !== 'A1' && !(decision.rule === 'C4' && agreeing >= 2))
    return hold(changed, 'too-little-certainty', false);
  const recent = history.refreshes.filter((refresh) => at - refresh.at < CHANGE_WINDOW_SECONDS).length;
  if (recent + changed.length > MOST_CHANGES) return hold(changed, 'too-many-changes', true);
  if (changed.some((group) => history.lastSeenElsewhere.includes(group)))
    return hold(changed, 'seen-on-another-device', true);
  return sortChanges(changed, decision, observed, confirmed, at);
}

/** The snapshot after the events. */
export function applyRefresh(snapshot: Snapshot, events: readonly RefreshEvent[]): Snapshot {
  return events.reduce<Snapshot>((current, event) => ({ ...current, ...event.after }), snapshot);
}

/**
 * The snapshot with one event taken back. Fails with null when a later refresh changed the same group: that one must be
 * taken back first.
 */
export function revertRefresh(snapshot: Snapshot, event: RefreshEvent): Snapshot | null {
  const current = valuesOf(snapshot, event.group);
  return JSON.stringify(current) === JSON.stringify(event.after) ? { ...snapshot, ...event.before } : null;
}

function sortChanges(
  changed: readonly Group[],
  decision: CandidateDecision,
  observed: Snapshot,
  confirmed: Snapshot,
  at: number,
): RefreshPlan {
  const events: RefreshEvent[] = [];
  const held: { group: Group; reason: HeldReason }[] = [];
  let anchorTaken = false;
  for (const group of changed) {
    const reason = reasonToHold(group, decision, anchorTaken);
    if (reason !== null) {
      held.push({ group, reason });
      continue;
    }
    anchorTaken ||= isAnchor(group);
    events.push({
      deviceId: decision.deviceId,
      group,
      at,
      rule: decision.rule,
      before: valuesOf(confirmed, group),
      after: valuesOf(observed, group),
    });
  }
  return { events, held, review: false };
}

function reasonToHold(group: Group, decision: CandidateDecision, anchorTaken: boolean): HeldReason | null {
  if ((REPLACEABLE_GROUPS as readonly Group[]).includes(group)) return null;
  if (!isAnchor(group)) return 'never-by-itself';
  if (group === 'EK' || decision.rule !== 'A1') return 'board-anchor';
  return anchorTaken ? 'one-anchor-at-a-time' : null;
}

function isAnchor(group: Group): boolean {
  return group === 'EK' || (BOARD_GROUPS as readonly Group[]).includes(group);
}

/** Groups that differ and were said. Something not said is not a change: a broken reader must not erase a device. */
function changedGroups(decision: CandidateDecision, observed: Snapshot, confirmed: Snapshot): Group[] {
  return (Object.keys(GROUP_FIELDS) as Group[]).filter((group) => {
    if (group === 'MODEL') return isSaid(observed, group) && !same(observed, confirmed, group);
    return decision.states[group] === 'disagree' || decision.states[group] === 'mixed';
  });
}

function isSaid(snapshot: Snapshot, group: Group): boolean {
  return GROUP_FIELDS[group].every((field) => snapshot[field] !== '');
}

function same(left: Snapshot, right: Snapshot, group: Group): boolean {
  return JSON.stringify(valuesOf(left, group)) === JSON.stringify(valuesOf(right, group));
}

function valuesOf(snapshot: Snapshot, group: Group): Record<string, unknown> {
  return Object.fromEntries(GROUP_FIELDS[group].map((field) => [field, snapshot[field]]));
}

function hold(groups: readonly Group[], reason: HeldReason, review: boolean): RefreshPlan {
  return { events: [], held: groups.map((group) => ({ group, reason })), review: review && groups.length > 0 };
}
