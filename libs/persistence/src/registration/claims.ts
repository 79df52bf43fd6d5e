import type pg from 'pg';
import { claimKinds, type Candidate, type ChunkDecision, type RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './chunk-store.js';

/**
 * Claims the identities of a chunk's candidates. Who loses learns why: it repeats a line of this run, the tenant has the device,
 * or somebody else has it, and then not who.
 */
export async function claimIdentities(
  client: pg.PoolClient,
  key: ChunkKey,
  decision: ChunkDecision,
): Promise<{ survivors: Candidate[]; rejected: RejectedRow[] }> {
  const lost = await insertClaims(client, decision.candidates);
  if (lost.length === 0) return { survivors: decision.candidates, rejected: decision.rejected };

  const holders = await findHolders(client, key.tenantId, lost);
  const byDevice = new Map(lost.map((row) => [row.device_id, row]));
  const survivors: Candidate[] = [];
  const rejected = [...decision.rejected];
  for (const candidate of decision.candidates) {
    const loss = byDevice.get(candidate.deviceId);
    if (loss === undefined) survivors.push(candidate);
    else rejected.push(rejectedFor(candidate.line, key.runId, loss, holders));
  }
  return { survivors, rejected };
}

interface LostClaim {
  device_id: string;
  owned_elsewhere: boolean;
  holder: string | null;
}

interface Holder {
  source_run_id: string;
  source_line: number;
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
    values: [digests, kinds, devices],
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
  const { rows } = await client.query<Holder & { id: string }>({
    name: 'find_holders',
    text: 'select id, source_run_id, source_line from registry.device where tenant_id = $1 and id = any ($2::uuid[])',
    values: [tenantId, ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

function rejectedFor(line: number, runId: string, loss: LostClaim, holders: Map<string, Holder>): RejectedRow {
  if (loss.owned_elsewhere || loss.holder === null) return { line, verdict: 'owned_elsewhere', detail: null };
  const holder = holders.get(loss.holder);
  if (holder?.source_run_id === runId) {
    return { line, verdict: 'duplicate_in_file', detail: { repeats: holder.source_line } };
  }
  return { line, verdict: 'already_registered', detail: { deviceId: loss.holder } };
}
