import { randomUUID } from 'node:crypto';
import type { Database } from '../scope/database.js';
import { withScope, type Scope, type Unit } from '../scope/with-scope.js';

/** What the first call with a key was answered. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** A key that is ours until its lease runs out. */
export interface KeyClaim {
  key: string;
  claim: string;
}

export type KeyOutcome =
  | { kind: 'claimed'; claim: KeyClaim }
  /** Another call holds the key. */
  | { kind: 'in_progress'; retryAfterSeconds: number }
  /** The key was used for another operation. */
  | { kind: 'reused' }
  /** @property sealed the answer's body, where it holds a secret */
  | { kind: 'answered'; bodyDigest: Buffer; answer: StoredAnswer; sealed: Buffer | null };

/** How long a key is remembered. Source: interfaces-security.md 2.1. */
const keptDays = 7;

/**
 * Claims a key in a transaction of its own, before anything else is done for the call. A claim whose lease is over
 * belongs to a process that died: it is taken over.
 */
export function claimKey(
  database: Database,
  scope: Scope,
  request: { key: string; operation: string; leaseSeconds: number },
): Promise<KeyOutcome> {
  const claim = randomUUID();
  return withScope(database, scope, async (unit) => {
    const taken = await unit.query<{ claim: string }>(
      `insert into registry.idempotency_key as held (principal, key, operation, claim, lease_until, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5), now() + make_interval(days => $6))
       on conflict (principal, key) do update
         set operation = excluded.operation, claim = excluded.claim, lease_until = excluded.lease_until, state = 'open',
             body_digest = null, status = null, answer = null, sealed_answer = null, headers = null, created_at = now(), expires_at = excluded.expires_at
         where (held.state = 'open' and held.lease_until < now()) or held.expires_at < now()
       returning claim`,
      [scope.principal, request.key, request.operation, claim, request.leaseSeconds, keptDays],
    );
    if (taken.length > 0) return { kind: 'claimed', claim: { key: request.key, claim } };
    return await whoHolds(unit, scope, request);
  });
}

async function whoHolds(unit: Unit, scope: Scope, request: { key: string; operation: string }): Promise<KeyOutcome> {
  const [held] = await unit.query<{
    operation: string;
    state: 'open' | 'answered';
    seconds: number;
    body_digest: Buffer;
    status: number;
    answer: unknown;
    sealed_answer: Buffer | null;
    headers: Record<string, string>;
  }>(
    `select operation, state, ceil(extract(epoch from lease_until - now()))::integer as seconds, body_digest, status, answer,
       sealed_answer, headers
     from registry.idempotency_key where principal = $1 and key = $2`,
    [scope.principal, request.key],
  );
  // Freed between the two statements: the caller may try again at once.
  if (held === undefined) return { kind: 'in_progress', retryAfterSeconds: 1 };
  if (held.operation !== request.operation) return { kind: 'reused' };
  if (held.state === 'open') return { kind: 'in_progress', retryAfterSeconds: Math.max(1, held.seconds) };
  return {
    kind: 'answered',
    bodyDigest: held.body_digest,
    answer: { status: held.status, headers: held.headers, body: held.answer },
    sealed: held.sealed_answer,
  };
}

/** Keeps a claim alive while a long body arrives. @returns false when the key is not ours any more */
export function renewKey(database: Database, scope: Scope, held: KeyClaim, leaseSeconds: number): Promise<boolean> {
  return withScope(database, scope, async (unit) => {
    const renewed = await unit.change(
      `update registry.idempotency_key set lease_until = now() + make_interval(secs => $4)
       where principal = $1 and key = $2 and claim = $3 and state = 'open'`,
      [scope.principal, held.key, held.claim, leaseSeconds],
    );
    return renewed === 1;
  });
}

/** Gives the key back: nothing came of the call, and the same key may be used again. */
export function freeKey(database: Database, scope: Scope, held: KeyClaim): Promise<void> {
  return withScope(database, scope, async (unit) => {
    await unit.change(
      `delete from registry.idempotency_key where principal = $1 and key = $2 and claim = $3 and state = 'open'`,
      [scope.principal, held.key, held.claim],
    );
  });
}

/**
 * Writes the answer beside the intent, in the same transaction.
 *
 * @param sealed the answer's body, where it holds a secret: then this is kept, and the body is not
 * @returns false when the lease ran out and another call took the key: the transaction must not commit
 */
export async function answerKey(
  unit: Unit,
  scope: Scope,
  held: KeyClaim,
  bodyDigest: Uint8Array,
  answer: StoredAnswer,
  sealed: Buffer | null = null,
): Promise<boolean> {
  const answered = await unit.change(
    `update registry.idempotency_key set state = 'answered', body_digest = $4, status = $5, answer = $6::jsonb, headers = $7::jsonb,
       sealed_answer = $8
     where principal = $1 and key = $2 and claim = $3 and state = 'open'`,
    [
      scope.principal,
      held.key,
      held.claim,
      Buffer.from(bodyDigest),
      answer.status,
      JSON.stringify(sealed === null ? (answer.body ?? null) : null),
      JSON.stringify(answer.headers),
      sealed,
    ],
  );
  return answered === 1;
}
