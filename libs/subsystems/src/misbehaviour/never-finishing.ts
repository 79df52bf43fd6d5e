import type pg from 'pg';
import { strikesNow, type NeighbourName } from './misbehaviour.js';

/** Leaves out the requests that a rule lets never finish; nobody looks at them again until misbehaviour ends. */
export async function withoutStuck<Request extends { key: string; act: string; tenantId: string }>(
  client: pg.PoolClient,
  neighbour: NeighbourName,
  due: readonly Request[],
): Promise<Request[]> {
  const going: Request[] = [];
  for (const request of due) {
    const strikes = await strikesNow(client, neighbour, request.act, request.tenantId, ['never_finishes']);
    if (strikes.length === 0) going.push(request);
    else await client.query(`update ${neighbour}.request set stuck = true where key = $1`, [request.key]);
  }
  return going;
}
