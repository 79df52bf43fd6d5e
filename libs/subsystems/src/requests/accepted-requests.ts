import type pg from 'pg';
import { withoutStuck } from '../misbehaviour/never-finishing.js';
import type { RequestObservation, RequestResult } from './request-observation.js';

/** A schema whose requests are accepted now and applied later. */
export type RequestSchema = 'management' | 'partner_view';

/** How the neighbours' process applies what was accepted. */
export interface ApplyOptions {
  /** How long a request rests before it is applied, in milliseconds; absent: not at all. */
  delayMs?: number;
  /** Whether the rules of misbehaviour are looked at: in demo and test only. */
  mayMisbehave?: boolean;
}

/** A request as it is applied. */
export interface AcceptedRequest {
  key: string;
  tenantId: string;
  act: string;
  targets: unknown[];
}

/** The channel on which the neighbours' process hears of new requests. */
export function channelOf(schema: RequestSchema): string {
  return `${schema}_request`;
}

export function requestTableSql(schema: RequestSchema): string {
  return `
create table if not exists ${schema}.request (
  key text primary key,
  tenant_id uuid not null,
  act text not null,
  -- Different acts of one family do not commute: they take effect in the order in which they were taken.
  family text not null,
  targets jsonb not null,
  position bigint generated always as identity,
  accepted_at timestamptz not null default clock_timestamp(),
  applied_at timestamptz,
  results jsonb not null default '[]'
);
-- It was accepted and is never applied: misbehaviour, in demo and test only.
alter table ${schema}.request add column if not exists stuck boolean not null default false;
create index if not exists request_due on ${schema}.request (position) where applied_at is null;
create index if not exists request_due_of_family on ${schema}.request (tenant_id, family, position) where applied_at is null;
`;
}

/** Takes a request, once per key. @returns whether it is new */
export async function acceptRequest(
  client: pg.Pool | pg.PoolClient,
  schema: RequestSchema,
  request: AcceptedRequest & { family: string },
): Promise<boolean> {
  const { rows } = await client.query({
    name: `${schema}_accept`,
    text: `with taken as (
             insert into ${schema}.request (key, tenant_id, act, family, targets) values ($1, $2, $3, $4, $5)
             on conflict (key) do nothing returning key)
           select pg_notify('${channelOf(schema)}', key) from taken`,
    values: [request.key, request.tenantId, request.act, request.family, JSON.stringify(request.targets)],
  });
  return rows.length > 0;
}

export async function observeRequest(
  pool: pg.Pool,
  schema: RequestSchema,
  key: string,
  tenantId: string,
): Promise<RequestObservation> {
  const { rows } = await pool.query<RequestObservation>({
    name: `${schema}_observe`,
    text: `select true as accepted, applied_at is not null as applied, results from ${schema}.request where key = $1 and tenant_id = $2`,
    values: [key, tenantId],
  });
  return rows[0] ?? { accepted: false, applied: false, results: [] };
}

/** Locks what may be applied now, oldest first; what another process has locked is left to it. */
export async function lockDueRequests(
  client: pg.PoolClient,
  schema: RequestSchema,
  limit: number,
  { delayMs = 0, mayMisbehave = false }: ApplyOptions,
): Promise<AcceptedRequest[]> {
  const { rows } = await client.query<AcceptedRequest>({
    name: `${schema}_due`,
    text: `select r.key, r.tenant_id as "tenantId", r.act, r.targets from ${schema}.request r
           where r.applied_at is null and not r.stuck and r.accepted_at <= clock_timestamp() - $2 * interval '1 millisecond'
             and not exists (select from ${schema}.request e
               where e.tenant_id = r.tenant_id and e.family = r.family and e.applied_at is null and e.position < r.position
                 and e.act <> r.act and not e.stuck)
           order by r.position limit $1 for update of r skip locked`,
    values: [limit, delayMs],
  });
  return mayMisbehave ? withoutStuck(client, schema, rows) : rows;
}

/** The key stays, so that a repetition is known; what was asked for is in the results now. */
export async function closeRequest(
  client: pg.PoolClient,
  schema: RequestSchema,
  key: string,
  results: readonly RequestResult[],
): Promise<void> {
  await client.query({
    name: `${schema}_close`,
    text: `update ${schema}.request set applied_at = clock_timestamp(), targets = '[]', results = $2 where key = $1`,
    values: [key, JSON.stringify(results)],
  });
}
