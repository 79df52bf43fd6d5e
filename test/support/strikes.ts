import type { MisbehaviourKind, MisbehaviourRule } from '@groundcrew/subsystems';

/** At which call of which neighbour each step asks, reads back, and is applied. */
const steps: Record<
  string,
  { neighbour: MisbehaviourRule['neighbour']; ask: string; read: string; act: string | null }
> = {
  retire_management: { neighbour: 'management', ask: 'retire', read: 'read', act: 'retire' },
  unassign_user: { neighbour: 'management', ask: 'unassignUsers', read: 'readAssignedUsers', act: 'unassign_users' },
  release_registration: { neighbour: 'directory', ask: 'release', read: 'observe', act: 'release' },
  sync: { neighbour: 'management', ask: 'sync', read: 'readSync', act: 'sync' },
  verify_gone: { neighbour: 'management', ask: 'readRegistered', read: 'readRegistered', act: null },
  remove_computer_object: {
    neighbour: 'management',
    ask: 'removeComputers',
    read: 'readComputers',
    act: 'remove_computers',
  },
  observe_directory_object: { neighbour: 'directory', ask: 'read', read: 'read', act: null },
};

/** How a fault strikes a step. */
export interface Fault {
  kind: MisbehaviourKind;
  at: 'ask' | 'read' | 'act';
  more?: Partial<MisbehaviourRule>;
  /** Which steps can fail so; absent: each that has such a call. */
  only?: string[];
}

export const faults: Record<string, Fault> = {
  latency: { kind: 'latency', at: 'ask', more: { delayMs: 700 } },
  'a 429 that says when to come back': { kind: 'throttled', at: 'ask', more: { retryAfterMs: 400 } },
  'a 429 that does not': { kind: 'throttled', at: 'ask' },
  'a 5xx': { kind: 'unavailable', at: 'ask', more: { atMost: 2 } },
  'a time-out after the effect': { kind: 'timed_out_after', at: 'ask' },
  'a delete that reappears': {
    kind: 'reappears',
    at: 'act',
    more: { delayMs: 10 },
    only: ['retire_management', 'release_registration'],
  },
  'a request that never finishes': { kind: 'never_finishes', at: 'act' },
  'a stale read': { kind: 'stale_read', at: 'read' },
};

/** Each step that the fault can strike, once. */
export function stepsStruckBy({ kind, at, more, only }: Fault): (MisbehaviourRule & { atMost: number })[] {
  return Object.entries(steps).flatMap(([step, calls]) => {
    const act = calls[at];
    if (act === null || only?.includes(step) === false) return [];
    return [{ neighbour: calls.neighbour, act, kind, atMost: 1, ...more }];
  });
}
