import type { EvidenceKey } from '@groundcrew/matching';
import type pg from 'pg';
import type { Candidate } from './chunk-decision.js';

const lockBuckets = 1_024n;
/** Held by who registers devices that evidence alone may tell, and shared by everybody else. */
const evidenceAlone = [727_404, 0];

/**
 * Lets nobody look for a device while somebody else registers it, where no claim would tell the two. Comes after the claims, which make
 * rows of the same name wait for each other, and before the look.
 *
 * Nearly all devices claim their maker's serial number, and two reports of one device that both do so meet in that claim. A chunk of
 * such devices only says that it is there, in one lock that it shares. A chunk that brings another device waits until those that are
 * under way have committed, and keeps the lock; who comes then takes turns with it over what both could have in common. A lock is
 * always tried after all claims and never waited for by a chunk that others with another device wait for, so nobody waits in a circle.
 */
export async function takeTurns(client: pg.PoolClient, candidates: readonly Candidate[]): Promise<void> {
  const unnamed = candidates.filter(needsEvidence);
  if (unnamed.length > 0) {
    await client.query('select pg_advisory_xact_lock($1, $2)', evidenceAlone);
    await lockEvidence(client, unnamed);
    return;
  }
  const { rows } = await client.query<{ free: boolean }>({
    name: 'take_turns',
    text: 'select pg_try_advisory_xact_lock_shared($1, $2) as free',
    values: evidenceAlone,
  });
  if (!rows[0]!.free) await lockEvidence(client, candidates);
}

function needsEvidence(candidate: Candidate): boolean {
  return candidate.claims.every(({ kind }) => kind !== 'manufacturer_serial') && candidate.keys.length > 0;
}

/** A bounded number of buckets, sorted, so that no chunk exhausts the lock table or waits in a circle. */
async function lockEvidence(client: pg.PoolClient, candidates: readonly Candidate[]): Promise<void> {
  const bucketOf = ({ key }: EvidenceKey): number => Number(BigInt.asUintN(64, key) % lockBuckets);
  const buckets = new Set(candidates.flatMap(({ keys }) => keys.map(bucketOf)));
  if (buckets.size === 0) return;
  await client.query(
    'select pg_advisory_xact_lock(727403, bucket) from (select unnest($1::integer[]) as bucket order by 1) as sorted',
    [[...buckets]],
  );
}
