import type { Candidate, Decision, EvidenceKind, Group, Snapshot } from '@groundcrew/matching';
import { decide, evidenceKeys, keyStanding } from '@groundcrew/matching';
import type { Device } from '../device.js';
import { makeDevice } from '../device.js';
import { nodeDigests } from '../node-digests.js';
import { Random } from '../random.js';
import type { Form } from './observe.js';
import { observe, snapshotOf } from './observe.js';

/** A registered device of the benchmark: how it was, in which form, and what was kept of it. */
export interface Registered {
  readonly id: string;
  readonly device: Device;
  readonly form: Form;
  readonly snapshot: Snapshot;
}

/** Most devices taken from one key, and in all. Source: matching.md D. */
const MOST_PER_KEY = 33;
const MOST_CANDIDATES = 64;

const GROUP_OF_KIND: Partial<Record<EvidenceKind, Group>> = {
  ek: 'EK',
  uuid: 'UUID',
  serial: 'SN',
  'board-serial': 'BSN',
  'product-key': 'PKID',
  lan: 'LAN',
};

/** Registered devices in memory with the key index that PostgreSQL keeps in the product. */
export class Registry {
  readonly devices: Registered[] = [];
  private readonly holders = new Map<bigint, number[]>();

  /** Registers every other number of a seed, so that each device has a neighbour of its lot that is a stranger. */
  constructor(
    readonly seed: number,
    readonly size: number,
  ) {
    for (let index = 0; index < size; index += 1) this.register(index);
  }

  private register(index: number): void {
    const device = makeDevice({ seed: this.seed, index: index * 2 });
    const random = new Random(this.seed, index, 77);
    const form: Form = random.chance(0.5) ? 'envelope' : 'hardware-hash';
    const snapshot = snapshotOf(observe(device, random), form);
    this.devices.push({ id: String(index), device, form, snapshot });
    for (const { key } of evidenceKeys(snapshot, nodeDigests)) {
      const holders = this.holders.get(key);
      if (holders === undefined) this.holders.set(key, [index]);
      else holders.push(index);
    }
  }

  /** Devices that share a key with the snapshot; hot keys find nobody, contested ones are marked. */
  candidatesOf(snapshot: Snapshot): Candidate[] {
    const found = new Map<number, Group[]>();
    for (const { kind, key } of evidenceKeys(snapshot, nodeDigests)) {
      const holders = this.holders.get(key);
      if (holders === undefined) continue;
      const standing = keyStanding(kind, { inOneTenant: holders.length, anywhere: holders.length });
      if (standing === 'hot') continue;
      const group = standing === 'contested' ? GROUP_OF_KIND[kind] : undefined;
      for (const [place, index] of holders.entries()) {
        if (place >= MOST_PER_KEY) break;
        const contested = found.get(index);
        if (contested !== undefined) {
          if (group !== undefined) contested.push(group);
        } else if (found.size < MOST_CANDIDATES) found.set(index, group === undefined ? [] : [group]);
      }
    }
    return [...found].map(([index, contested]) => {
      const { id, snapshot: confirmed } = this.devices[index]!;
      return { deviceId: id, confirmed, contested };
    });
  }

  identify(snapshot: Snapshot): { decision: Decision; candidates: Candidate[] } {
    const candidates = this.candidatesOf(snapshot);
    return { decision: decide(snapshot, candidates, { population: this.size }), candidates };
  }
}
