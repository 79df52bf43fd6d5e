import type pg from 'pg';
import type { Candidate, RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './chunk-store.js';

interface Decided {
  survivors: Candidate[];
  rejected: RejectedRow[];
}

/**
 * Decides a chunk as if it were registered, with the same rules over the same rows, and takes back what that wrote before anybody
 * can see it. What is left are the verdicts.
 *
 * Identities that an earlier chunk of the same run met are kept until the run closes: nothing else would tell that two chunks bring
 * the same device, because neither registers it.
 */
export async function onlyDecide(
  client: pg.PoolClient,
  key: ChunkKey,
  decide: () => Promise<Decided>,
): Promise<Decided> {
  await client.query('savepoint only_decide');
  const { survivors, rejected } = await decide();
  await client.query('rollback to savepoint only_decide');
  const repeated = await metBefore(client, key, survivors);
  return {
    survivors: [],
    rejected: [
      ...rejected,
      ...survivors.map(({ line }): RejectedRow => {
        const repeats = repeated.get(line);
        return repeats === undefined
          ? { line, verdict: 'would_register', detail: null }
          : { line, verdict: 'duplicate_in_file', detail: { repeats } };
      }),
    ],
  };
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
