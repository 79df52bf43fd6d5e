import type { Verdict } from '@groundcrew/domain';
import type pg from 'pg';
import type { Candidate, RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './open-chunk.js';
import { surplusRow, withinRoom, type ScopeOfWork } from './within-scope.js';

interface Decided {
  survivors: Candidate[];
  rejected: RejectedRow[];
}

/** What a chunk that is only decided has to be compared with beyond the registry's own tables. */
export interface Besides {
  /** The consent it would be registered under; null where a tenant sends it itself. */
  work: ScopeOfWork | null;
  /** Verdicts on lines of devices that the directory knows as joined already. */
  joined: ReadonlyMap<number, Verdict>;
}

/**
 * Decides a chunk as if it were registered, with the same rules over the same rows, and takes back what that wrote before anybody
 * can see it. What is left are the verdicts.
 *
 * Identities that an earlier chunk of the same run met are kept until the run closes: nothing else would tell that two chunks bring
 * the same device, because neither registers it. For the same reason what earlier chunks would take of a consent's quantity is added up.
 *
 * @param decide as a registration would, without counting against a quantity
 */
export async function onlyDecide(
  client: pg.PoolClient,
  key: ChunkKey,
  { work, joined }: Besides,
  decide: () => Promise<Decided>,
): Promise<Decided> {
  await client.query('savepoint only_decide');
  const { survivors, rejected } = await decide();
  await client.query('rollback to savepoint only_decide');
  const repeated = await metBefore(client, key, survivors);
  const fresh = survivors.filter(({ line }) => !repeated.has(line) && !joined.has(line));
  const surplus = new Set(work === null ? [] : (await withoutRoom(client, key, work, fresh)).map(({ line }) => line));
  return {
    survivors: [],
    rejected: [
      ...rejected,
      ...survivors.map((row): RejectedRow => {
        const { line } = row;
        const repeats = repeated.get(line);
        if (repeats !== undefined) return { line, verdict: 'duplicate_in_file', detail: { repeats } };
        const standing = joined.get(line);
        if (standing !== undefined) return { line, verdict: standing, detail: null };
        return surplus.has(line) ? surplusRow(row) : { line, verdict: 'would_register', detail: null };
      }),
    ],
  };
}

/** Rows for which nothing is left once what the run's other chunks would register is counted. The consent is held by the caller. */
async function withoutRoom(
  client: pg.PoolClient,
  key: ChunkKey,
  work: ScopeOfWork,
  rows: readonly Candidate[],
): Promise<Candidate[]> {
  if (work.scope.quantity === undefined) return [];
  const { rows: counted } = await client.query<{ taken: number }>({
    name: 'would_register_so_far',
    text: `select coalesce((counts->>'would_register')::integer, 0) as taken from registry.run where id = $1`,
    values: [key.runId],
  });
  return withinRoom({ ...work, registered: work.registered + counted[0]!.taken }, rows).surplus;
}

/** The run is over: nobody asks any more which identities it met. */
export async function forgetValidated(client: pg.PoolClient, runId: string): Promise<void> {
  await client.query({
    name: 'forget_validated',
    text: 'delete from registry.validated_identity where run_id = $1',
    values: [runId],
  });
}

/** Lines whose identity stands on another line of the file, with that line. Inserted in order, so that chunks never wait in a circle. */
async function metBefore(
  client: pg.PoolClient,
  key: ChunkKey,
  candidates: readonly Candidate[],
): Promise<Map<number, number>> {
  const digests = candidates.flatMap(({ claims }) => claims.map(({ digest }) => digest));
  const lines = candidates.flatMap(({ line, claims }) => claims.map(() => line));
  if (digests.length === 0) return new Map();
  const own = [key.runId, key.tenantId, digests, lines];
  await client.query(
    `insert into registry.validated_identity (run_id, digest, tenant_id, line)
     select $1, w.digest, $2, w.line from unnest($3::uuid[], $4::integer[]) as w (digest, line) order by w.digest
     on conflict (run_id, digest) do nothing`,
    own,
  );
  const { rows } = await client.query<{ line: number; repeats: number }>(
    `select w.line, min(v.line) as repeats
     from unnest($2::uuid[], $3::integer[]) as w (digest, line)
     join registry.validated_identity v on v.run_id = $1 and v.digest = w.digest
     where v.line <> w.line group by w.line`,
    [key.runId, digests, lines],
  );
  return new Map(rows.map(({ line, repeats }) => [line, repeats]));
}
