import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { NeighbourFault } from '../neighbour-fault.js';
import { strikesNow, type MisbehaviourKind, type NeighbourName } from './misbehaviour.js';

const strikingCalls: MisbehaviourKind[] = ['latency', 'throttled', 'unavailable', 'timed_out_after', 'stale_read'];

/** How many answers are kept for stale reads. */
const mostAnswers = 200;

/** What reads; anything else acts. */
const reads = /^(observe|read|list)/;

/**
 * A neighbour's port that misbehaves as its rules say. In demo and test only.
 *
 * @param pool of the neighbours' role, where the rules are
 */
export function misbehaving<Port extends object>(neighbour: NeighbourName, port: Port, pool: pg.Pool): Port {
  const answers = new Map<string, unknown>();
  return around(port, (name, call, values) => async () => {
    const strikes = await strikesNow(pool, neighbour, name, tenantOf(name, values), strikingCalls);
    const struck = (kind: MisbehaviourKind) => strikes.find((strike) => strike.kind === kind);
    await pause(struck('latency')?.delayMs ?? 0);
    const throttled = struck('throttled');
    if (throttled !== undefined) throw new NeighbourFault('neighbour.throttled', neighbour, throttled.retryAfterMs);
    if (struck('unavailable') !== undefined) throw new NeighbourFault('neighbour.unavailable', neighbour);
    if (!reads.test(name)) {
      const answer = await call();
      if (struck('timed_out_after') !== undefined) throw new NeighbourFault('neighbour.timed-out', neighbour);
      return answer;
    }
    const asked = JSON.stringify([name, values]);
    if (struck('stale_read') !== undefined && answers.has(asked)) return answers.get(asked);
    const answer = await call();
    if (struck('timed_out_after') !== undefined) throw new NeighbourFault('neighbour.timed-out', neighbour);
    answers.set(asked, answer);
    if (answers.size > mostAnswers) answers.delete(answers.keys().next().value!);
    return answer;
  });
}

/** Every call names the tenant: first, or after the key of the request that it is about. */
function tenantOf(name: string, values: unknown[]): string {
  return (/^(read|list)/.test(name) ? values[0] : values[1]) as string;
}

/** The same port, with something around each of its calls. */
export function around<Port extends object>(
  port: Port,
  wrap: (name: string, call: () => Promise<unknown>, values: unknown[]) => () => Promise<unknown>,
): Port {
  return Object.fromEntries(
    Object.entries(port).map(([name, method]: [string, (...values: unknown[]) => Promise<unknown>]) => [
      name,
      (...values: unknown[]) => wrap(name, () => method(...values), values)(),
    ]),
  ) as Port;
}
