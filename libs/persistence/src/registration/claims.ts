import type pg from 'pg';
import { int2Array, uuidArray } from '../bulk/binary-arrays.js';
import { claimKinds, type Candidate } from './chunk-decision.js';

/** A candidate that somebody else's claim stands against. */
export interface LostCandidate {
  candidate: Candidate;
  ownedElsewhere: boolean;
  /** The holder, where it is the tenant's own. */
  holder: Holder | null;
}

export interface Holder {
  deviceId: string;
  runId: string;
  line: number;
}

/** Claims the identities of a chunk's candidates. Of those who lose nothing stays claimed. */
export async function claimIdentities(
  client: pg.PoolClient,
  tenantId: string,
  candidates: readonly Candidate[],
): Promise<{ claimed: Candidate[]; lost: LostCandidate[] }> {
  const rows = await insertClaims(client, candidates);
  if (rows.length === 0) return { claimed: [...candidates], lost: [] };
  const holders = await findHolders(client, tenantId, rows);
  const byDevice = new Map(rows.map((row) => [row.device_id, row]));
  const claimed: Candidate[] = [];
  const lost: LostCandidate[] = [];
  for (const candidate of candidates) {
    const row = byDevice.get(candidate.deviceId);
    if (row === undefined) claimed.push(candidate);
    else {
      const holder = row.holder === null ? null : (holders.get(row.holder) ?? null);
      lost.push({ candidate, ownedElsewhere: row.owned_elsewhere, holder });
    }
  }
  return { claimed, lost };
}

interface LostClaim {
  device_id: string;
  owned_elsewhere: boolean;
  holder: string | null;
}

async function insertClaims(client: pg.PoolClient, candidates: readonly Candidate[]): Promise<LostClaim[]> {
  const digests: string[] = [];
  const kinds: number[] = [];
  const devices: string[] = [];
  for (const { deviceId, claims } of candidates) {
    for (const claim of claims) {
      digests.push(claim.digest);
      kinds.push(claimKinds[claim.kind]);
      devices.push(deviceId);
    }
  }
  if (digests.length === 0) return [];
  const { rows } = await client.query<LostClaim>({
    name: 'claim_identities',
    text: 'select device_id, owned_elsewhere, holder from registry.claim_identities($1::uuid[], $2::smallint[], $3::uuid[])',
    values: [uuidArray(digests), int2Array(kinds), uuidArray(devices)],
  });
  return rows;
}

async function findHolders(
  client: pg.PoolClient,
  tenantId: string,
  lost: readonly LostClaim[],
): Promise<Map<string, Holder>> {
  const ids = [...new Set(lost.flatMap((row) => (row.holder === null ? [] : [row.holder])))];
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; source_run_id: string; source_line: number }>({
    name: 'find_holders',
    text: 'select id, source_run_id, source_line from registry.device where tenant_id = $1 and id = any ($2::uuid[])',
    values: [tenantId, ids],
  });
  return new Map(rows.map((row) => [row.id, { deviceId: row.id, runId: row.source_run_id, line: row.source_line }]));
}
