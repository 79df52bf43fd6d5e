import type { ReplacementPreview } from '@groundcrew/domain';
import type pg from 'pg';
import type { RunKey } from '../registration/run-store.js';

const devicesPerChunk = 1_000;

/** What the runs of this run's order registered and is registered to this day, without this run's own. Source: DESIGN.md, exact ids only. */
const devicesOfOrder = `
  select d.id, i.run_id, i.line
  from registry.run me
  join registry.run r on r.order_id = me.order_id and r.id <> me.id
  join registry.run_item i on i.run_id = r.id and i.verdict = 'registered'
  join registry.device d on d.tenant_id = i.tenant_id and d.id = i.device_id
  where me.id = $1`;

/** Of those, what the rows of this run do not name. */
const notNamed = `
  not exists (select 1 from registry.run_item k where k.run_id = $1 and k.verdict = 'kept' and k.detail->>'deviceId' = o.id::text)`;

/** How many devices a replacement would take away, and of how many. */
export async function previewReplacement(client: pg.PoolClient, key: RunKey): Promise<ReplacementPreview> {
  const { rows } = await client.query<{ removes: number; of: number }>(
    `select count(*)::integer as of, (count(*) filter (where ${notNamed}))::integer as removes from (${devicesOfOrder}) as o`,
    [key.runId],
  );
  return rows[0]!;
}

/**
 * Writes down, chunk by chunk, which devices the run takes away, and counts them as received: each gets a verdict. The run is held.
 *
 * @returns how many chunks the run has now
 */
export async function planRemoval(client: pg.PoolClient, key: RunKey, which: 'all' | 'not_named'): Promise<number> {
  const { rows } = await client.query<{ chunks: number }>(
    `with o as (${devicesOfOrder}),
          base as (
            select coalesce(max(c.number), 0) as chunk, coalesce(max(c.first_line + c.line_count), 0) + 1 as line
            from registry.run_chunk c where c.run_id = $1),
          gone as (
            select o.id, (row_number() over (order by o.run_id, o.line))::integer as place from o
            where ${which === 'all' ? 'true' : notNamed}),
          planned as (
            insert into registry.run_chunk (run_id, number, tenant_id, first_line, line_count, state, takes_away, lines, device_ids)
            select $1, base.chunk + 1 + (g.place - 1) / ${devicesPerChunk}, $2, min(base.line + g.place), count(*)::integer, 'planned', true,
              array_agg(base.line + g.place order by g.place), array_agg(g.id order by g.place)
            from gone g cross join base group by base.chunk, (g.place - 1) / ${devicesPerChunk}
            returning line_count)
     update registry.run r
     set received = r.received + (select coalesce(sum(line_count), 0) from planned),
         chunk_count = (select chunk from base) + (select count(*) from planned)
     where r.id = $1 returning r.chunk_count as chunks`,
    [key.runId, key.tenantId],
  );
  return rows[0]!.chunks;
}
