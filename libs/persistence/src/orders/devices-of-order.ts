import type pg from 'pg';

/** Which of these devices runs of this run's order registered, whether they still are registered or not. */
export async function everOfOrder(client: pg.PoolClient, runId: string, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'ever_of_order',
    text: `select distinct i.device_id as id from registry.run me
           join registry.run r on r.order_id = me.order_id
           join registry.run_item i on i.run_id = r.id and i.verdict = 'registered' and i.device_id = any ($2::uuid[])
           where me.id = $1`,
    values: [runId, ids],
  });
  return new Set(rows.map((row) => row.id));
}

/** Which of these registered devices another run of this run's order brought. What anybody else registered is not the order's. */
export async function nowOfOrder(
  client: pg.PoolClient,
  { runId, tenantId }: { runId: string; tenantId: string },
  ids: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'now_of_order',
    text: `select d.id from registry.run me
           join registry.run r on r.order_id = me.order_id and r.id <> me.id
           join registry.device d on d.source_run_id = r.id
           where me.id = $1 and d.tenant_id = $2 and d.id = any ($3::uuid[])`,
    values: [runId, tenantId, ids],
  });
  return new Set(rows.map((row) => row.id));
}
