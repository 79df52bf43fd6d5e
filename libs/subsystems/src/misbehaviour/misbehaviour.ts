import type pg from 'pg';
import { prepareOnce } from '../prepare-once.js';

export type NeighbourName = 'directory' | 'management' | 'partner_view';

/** How a neighbour misbehaves. The first five strike a call, the last two what was accepted. */
export const misbehaviours = [
  /** The answer comes late. */
  'latency',
  /** 429, with a time to come back or without. */
  'throttled',
  /** 5xx; nothing happened. */
  'unavailable',
  /** It happened, and no answer comes. */
  'timed_out_after',
  /** The answer of an earlier moment. */
  'stale_read',
  /** What was deleted is there again some time later. */
  'reappears',
  /** It is accepted and never applied. */
  'never_finishes',
] as const;
export type MisbehaviourKind = (typeof misbehaviours)[number];

/** Misbehaviour to come, in a demo or a test. */
export interface MisbehaviourRule {
  neighbour: NeighbourName;
  /** A port's method (`retire`, `preCreate`, `observe` …) for what strikes calls, an act for the rest; `*`: each. */
  act: string;
  kind: MisbehaviourKind;
  /** Whose calls it strikes; absent: everybody's. */
  tenantId?: string;
  /** How often it strikes at most; absent: without end. */
  atMost?: number;
  /** How likely each call is struck; absent: certainly. */
  probability?: number;
  /** Decides which calls are struck: the nth call of a rule ends the same under the same seed. */
  seed?: number;
  /** Latency, or the time after which something reappears, in milliseconds. */
  delayMs?: number;
  /** What a throttled caller is told; absent: nothing. */
  retryAfterMs?: number;
}

/** A rule that struck. */
export interface Strike {
  kind: MisbehaviourKind;
  delayMs: number;
  retryAfterMs: number | null;
}

const schemaSql = `
create schema if not exists misbehaviour;
create table if not exists misbehaviour.rule (
  id integer generated always as identity primary key,
  neighbour text not null,
  act text not null,
  kind text not null,
  at_most integer,
  probability real not null,
  seed integer not null,
  delay_ms integer not null,
  retry_after_ms integer,
  calls integer not null default 0,
  strikes integer not null default 0
);
alter table misbehaviour.rule add column if not exists tenant_id uuid;
create table if not exists misbehaviour.returning (
  id bigint generated always as identity primary key,
  source text not null,
  deleted jsonb not null,
  due_at timestamptz not null
);
`;

/** Creates the tables where they are missing. Nothing reads them in production. */
export async function prepareMisbehaviour(pool: pg.Pool): Promise<void> {
  await prepareOnce(pool, schemaSql);
}

/**
 * From now on neighbours misbehave like this, and no other way.
 *
 * @param towards the rules of this tenant alone are replaced; absent: all
 */
export async function setMisbehaviour(
  pool: pg.Pool,
  rules: readonly MisbehaviourRule[],
  towards: string | null = null,
): Promise<void> {
  await pool.query(
    `with gone as (delete from misbehaviour.rule where $2::uuid is null or tenant_id = $2)
     insert into misbehaviour.rule (neighbour, act, kind, tenant_id, at_most, probability, seed, delay_ms, retry_after_ms)
     select neighbour, act, kind, "tenantId", "atMost", coalesce(probability, 1), coalesce(seed, 0), coalesce("delayMs", 0), "retryAfterMs"
     from jsonb_to_recordset($1) as r (neighbour text, act text, kind text, "tenantId" uuid, "atMost" integer, probability real, seed integer,
       "delayMs" integer, "retryAfterMs" integer)`,
    [JSON.stringify(rules), towards],
  );
}

/** Neighbours behave again: what never finished is applied now; what was to reappear still does. */
export async function endMisbehaviour(pool: pg.Pool, towards: string | null = null): Promise<void> {
  await setMisbehaviour(pool, [], towards);
  await finishWhatIsStuck(pool, towards);
}

/** What was never to finish is applied now. */
export async function finishWhatIsStuck(pool: pg.Pool, towards: string | null = null): Promise<void> {
  for (const neighbour of ['directory', 'management', 'partner_view'] satisfies NeighbourName[])
    await pool.query(
      `update ${neighbour}.request set stuck = false where stuck and ($1::uuid is null or tenant_id = $1)`,
      [towards],
    );
}

/** Which rules strike now. Each is asked and counted once per call, whoever calls. */
export async function strikesNow(
  client: pg.Pool | pg.PoolClient,
  neighbour: NeighbourName,
  act: string,
  tenantId: string,
  kinds: readonly MisbehaviourKind[],
): Promise<Strike[]> {
  const { rows } = await client.query<Strike & { struck: boolean }>({
    name: 'misbehaviour_strikes',
    text: `update misbehaviour.rule r
           set calls = r.calls + 1, strikes = r.strikes + c.struck::int
           from (select id, (at_most is null or strikes < at_most)
                   and (hashint4extended(calls, seed) & 1048575) < probability * 1048576 as struck
                 from misbehaviour.rule
                 where neighbour = $1 and act in ($2, '*') and kind = any ($3) and (tenant_id is null or tenant_id = $4) order by id for update) c
           where r.id = c.id
           returning r.kind, r.delay_ms as "delayMs", r.retry_after_ms as "retryAfterMs", c.struck`,
    values: [neighbour, act, kinds, tenantId],
  });
  return rows.filter((row) => row.struck);
}
