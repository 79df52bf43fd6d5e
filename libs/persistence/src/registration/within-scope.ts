import { coversRow, inForce, roomLeft, type ConsentScope } from '@groundcrew/domain';
import type pg from 'pg';
import type { Candidate, ChunkDecision, RejectedRow } from './chunk-decision.js';

/** The consent under which a chunk registers, as it was read under lock. */
export interface ScopeOfWork {
  consentId: string;
  scope: ConsentScope;
  registered: number;
}

/** The candidates that the tenant agreed to; the others are withheld, each with its reason. */
export function keepCovered(decision: ChunkDecision, work: ScopeOfWork, nowMs: number): ChunkDecision {
  const now = inForce({ ...work, nowMs });
  if (!now.ok) return withhold(decision, now.refusal);
  const rejected: RejectedRow[] = [...decision.rejected];
  const candidates = decision.candidates.filter((candidate) => {
    const covered = coversRow(work.scope, candidate);
    if (!covered.ok) rejected.push(withheld(candidate.line, covered.refusal));
    return covered.ok;
  });
  return { candidates, rejected };
}

/**
 * Counts what will be registered against the consent's quantity, and gives back the identities of the rows for which there is no
 * room. The consent row is held alone where it has a quantity, so two chunks never count at once.
 */
export async function countAgainstScope(
  client: pg.PoolClient,
  work: ScopeOfWork,
  found: { survivors: Candidate[]; rejected: RejectedRow[] },
): Promise<{ survivors: Candidate[]; rejected: RejectedRow[] }> {
  if (work.scope.quantity === undefined) return found;
  const { survivors, surplus } = withinRoom(work, found.survivors);
  if (surplus.length > 0) {
    await client.query('select registry.release_identities($1::uuid[])', [surplus.map((row) => row.deviceId)]);
  }
  await addToRegistered(client, work.consentId, survivors.length);
  return {
    survivors,
    rejected: [...found.rejected, ...surplus.map(surplusRow)],
  };
}

/** For which rows there is room under the consent, from the first line on, and for which there is none. */
export function withinRoom<Row extends { line: number }>(
  work: ScopeOfWork,
  rows: readonly Row[],
): { survivors: Row[]; surplus: Row[] } {
  const inOrder = rows.toSorted((left, right) => left.line - right.line);
  const room = roomLeft(work);
  return { survivors: inOrder.slice(0, room), surplus: inOrder.slice(room) };
}

/** Holds the consent that a chunk counted against, before anything else is locked. Devices that are undone make room again. */
export async function addToRegistered(client: pg.PoolClient, consentId: string, devices: number): Promise<void> {
  if (devices === 0) return;
  await client.query({
    name: 'count_against_consent',
    text: `update registry.consent set registered = greatest(0, registered + $2) where id = $1 and jsonb_exists(scope, 'quantity')`,
    values: [consentId, devices],
  });
}

/** Every candidate withheld, for one reason. */
export function withhold(decision: ChunkDecision, reason: string): ChunkDecision {
  return {
    candidates: [],
    rejected: [...decision.rejected, ...decision.candidates.map(({ line }) => withheld(line, reason))],
  };
}

/** A row for which the consent's quantity has no room. */
export function surplusRow({ line }: { line: number }): RejectedRow {
  return withheld(line, 'consent.quantity-exceeded');
}

function withheld(line: number, reason: string): RejectedRow {
  return { line, verdict: 'withheld', detail: { message: reason } };
}
