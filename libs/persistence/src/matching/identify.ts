import {
  decide,
  keyStanding,
  type Candidate,
  type Decision,
  type EvidenceKind,
  type Group,
  type Snapshot,
} from '@groundcrew/matching';
import type { FoundCandidate } from './candidate-index.js';

const groupOf: Record<EvidenceKind, Group> = {
  ek: 'EK',
  uuid: 'UUID',
  serial: 'SN',
  'board-serial': 'BSN',
  'product-key': 'PKID',
  lan: 'LAN',
  wireless: 'RADIO',
  bluetooth: 'RADIO',
  disk: 'DISK',
};

/** What the index found, as the decision wants it: which groups are contested, and by how many a value is shared. */
export function toCandidates(found: readonly FoundCandidate[]): Candidate[] {
  return found.map(({ deviceId, confirmed, enrolled, shared }) => {
    const contested = new Set<Group>();
    const holders: Partial<Record<Group, number>> = {};
    for (const { kind, holders: of } of shared) {
      const group = groupOf[kind];
      if (keyStanding(kind, of) === 'contested') contested.add(group);
      holders[group] = Math.max(holders[group] ?? 1, of.anywhere);
    }
    return { deviceId, confirmed, enrolled, contested: [...contested], holders };
  });
}

/**
 * Groups whose value other registered devices show: a refresh that takes one over may be a device on its way to become another.
 * Source: matching.md C.4.
 */
export function groupsSeenElsewhere(found: readonly FoundCandidate[], deviceId: string): Group[] {
  const others = found.filter((candidate) => candidate.deviceId !== deviceId);
  return [...new Set(others.flatMap(({ shared }) => shared.map(({ kind }) => groupOf[kind])))];
}

/** Which registered device a report belongs to: registration, match and first boot all ask here. */
export function identify(observed: Snapshot, found: readonly FoundCandidate[], population: number): Decision {
  return decide(observed, toCandidates(found), { population });
}

/**
 * The candidate of which this is the very same report, if there is one. Weak evidence leaves a decision open even then (a device
 * with one anchor is a review at best); a file that is sent again is the same device all the same.
 */
export function sameReport(observed: Snapshot, found: readonly FoundCandidate[]): FoundCandidate | undefined {
  const said = JSON.stringify(observed);
  return found.find(
    ({ enrolled, confirmed }) => JSON.stringify(enrolled) === said || JSON.stringify(confirmed) === said,
  );
}
