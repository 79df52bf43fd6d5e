import type pg from 'pg';
import { devicePopulation, findCandidates, type AskSql, type FoundCandidate } from '../matching/candidate-index.js';
import { identify } from '../matching/identify.js';
import type { Sealer } from '../sealing.js';
import type { Candidate, ChunkDecision, RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './chunk-store.js';
import { claimIdentities, type LostCandidate } from './claims.js';

/**
 * Which of a chunk's candidates are new devices? Claims say what may not be registered twice; the matching decision says
 * whether a row is a device that is known already, also where no claim tells, or only resembles one.
 *
 * Claims come first: whoever waits there for another order sees, afterwards, what that order has registered.
 */
export async function recognise(
  client: pg.PoolClient,
  key: ChunkKey,
  decision: ChunkDecision,
  sealer: Sealer,
): Promise<{ survivors: Candidate[]; rejected: RejectedRow[] }> {
  const { claimed, lost } = await claimIdentities(client, key.tenantId, decision.candidates);
  const ask: AskSql = async (sql, values) => (await client.query({ name: 'recognise', text: sql, values: [...values] })).rows;
  const found = await findCandidates(ask, sealer, new Map(decision.candidates.map(({ line, keys }) => [line, keys])));
  const population = found.size === 0 ? 0 : await populationOf(client);

  const rejected = [...decision.rejected];
  for (const each of lost) rejected.push(verdictOfLost(each, key.runId, known(each.candidate, found, population)));

  const survivors: Candidate[] = [];
  const released: string[] = [];
  for (const candidate of claimed) {
    const resembled = known(candidate, found, population);
    if (resembled === null) {
      survivors.push(candidate);
    } else {
      released.push(candidate.deviceId);
      rejected.push(verdictOfResembling(candidate, resembled));
    }
  }
  if (released.length > 0) await client.query('select registry.release_identities($1::uuid[])', [released]);
  return { survivors, rejected };
}

/** The registered device that a candidate is, or may be. */
interface Resembled {
  outcome: 'match' | 'review';
  deviceId: string;
  elsewhere: boolean;
}

function known(candidate: Candidate, found: Map<number, FoundCandidate[]>, population: number): Resembled | null {
  const candidates = found.get(candidate.line);
  if (candidates === undefined || candidate.snapshot === null) return null;
  const { outcome, deviceId } = identify(candidate.snapshot, candidates, population);
  const device = candidates.find((each) => each.deviceId === deviceId);
  if (device === undefined || (outcome !== 'match' && outcome !== 'review')) return null;
  return { outcome, deviceId: device.deviceId, elsewhere: device.elsewhere };
}

function verdictOfLost(lost: LostCandidate, runId: string, resembled: Resembled | null): RejectedRow {
  const { line, snapshot } = lost.candidate;
  if (lost.holder?.runId === runId) return { line, verdict: 'duplicate_in_file', detail: { repeats: lost.holder.line } };
  // Something it claims is taken, and yet it is not that device: the serial number of a repaired one on another board.
  if (snapshot !== null && resembled?.outcome !== 'match') return review(line, lost.holder?.deviceId ?? null);
  if (lost.ownedElsewhere || lost.holder === null) return { line, verdict: 'owned_elsewhere', detail: null };
  return { line, verdict: 'already_registered', detail: { deviceId: lost.holder.deviceId } };
}

function verdictOfResembling({ line }: Candidate, { outcome, deviceId, elsewhere }: Resembled): RejectedRow {
  if (outcome === 'review') return review(line, elsewhere ? null : deviceId);
  if (elsewhere) return { line, verdict: 'owned_elsewhere', detail: null };
  return { line, verdict: 'already_registered', detail: { deviceId } };
}

/** Names the device it resembles only where that is the tenant's own. */
function review(line: number, deviceId: string | null): RejectedRow {
  return { line, verdict: 'needs_review', detail: deviceId === null ? null : { deviceId } };
}

async function populationOf(client: pg.PoolClient): Promise<number> {
  return devicePopulation(async (sql, values) => (await client.query(sql, [...values])).rows);
}
