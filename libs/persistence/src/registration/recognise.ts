import type { Outcome, Snapshot } from '@groundcrew/matching';
import type pg from 'pg';
import {
  devicePopulation,
  findCandidates,
  openSnapshot,
  type AskSql,
  type FoundCandidate,
} from '../matching/candidate-index.js';
import { identify, sameReport } from '../matching/identify.js';
import { gatherKeys } from '../matching/report-keys.js';
import type { Sealer } from '../sealing.js';
import type { Candidate, ChunkDecision, RejectedRow } from './chunk-decision.js';
import type { ChunkKey } from './open-chunk.js';
import { ChunkNeighbours } from './chunk-neighbours.js';
import { claimIdentities, type LostCandidate } from './claims.js';
import { takeTurns } from './take-turns.js';

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
  await takeTurns(client, claimed);
  const ask: AskSql = async (sql, values) =>
    (await client.query({ name: 'recognise', text: sql, values: [...values] })).rows;
  const keys = gatherKeys(keysByLine(decision.candidates));
  const found = await findCandidates(ask, sealer, keys);
  const population = await populationOf(client);

  const rejected = [...decision.rejected];
  for (const each of lost)
    rejected.push(verdictOfLost(each, key.runId, known(each.candidate, found, population, sealer)));

  const survivors: Candidate[] = [];
  const released: string[] = [];
  const neighbours = new ChunkNeighbours(keys.keys, sealer);
  for (const candidate of claimed) {
    const resembled = known(candidate, found, population, sealer);
    const row =
      resembled === null
        ? verdictBeside(candidate, neighbours, population, sealer)
        : verdictOfResembling(candidate, resembled);
    if (row === null) {
      survivors.push(candidate);
      neighbours.add(candidate);
    } else {
      released.push(candidate.deviceId);
      rejected.push(row);
    }
  }
  if (released.length > 0) await client.query('select registry.release_identities($1::uuid[])', [released]);
  return { survivors, rejected };
}

function* keysByLine(candidates: readonly Candidate[]): Generator<readonly [number, Candidate['keys']]> {
  for (const { line, keys } of candidates) yield [line, keys];
}

/** The same device twice in one chunk: the second one repeats the first one's line, or has to be looked at. */
function verdictBeside(
  candidate: Candidate,
  neighbours: ChunkNeighbours,
  population: number,
  sealer: Sealer,
): RejectedRow | null {
  const { deviceId: itself, sealedSnapshot } = candidate;
  if (sealedSnapshot === null) return null;
  const { found, lines } = neighbours.sharing(candidate);
  if (found.length === 0) return null;
  const { outcome, deviceId } = recogniseReport(openSnapshot(sealer, itself, sealedSnapshot), found, population);
  const repeats = deviceId === null ? undefined : lines.get(deviceId);
  if (repeats === undefined) return null;
  if (outcome === 'match') return { line: candidate.line, verdict: 'duplicate_in_file', detail: { repeats } };
  return outcome === 'review' ? { line: candidate.line, verdict: 'needs_review', detail: { repeats } } : null;
}

/** The registered device that a candidate is, or may be. */
interface Resembled {
  outcome: 'match' | 'review';
  deviceId: string;
  elsewhere: boolean;
}

function known(
  candidate: Candidate,
  found: Map<number, FoundCandidate[]>,
  population: number,
  sealer: Sealer,
): Resembled | null {
  const candidates = found.get(candidate.line);
  if (candidates === undefined || candidate.sealedSnapshot === null) return null;
  const observed = openSnapshot(sealer, candidate.deviceId, candidate.sealedSnapshot);
  const { outcome, deviceId } = recogniseReport(observed, candidates, population);
  const device = candidates.find((each) => each.deviceId === deviceId);
  if (device === undefined || (outcome !== 'match' && outcome !== 'review')) return null;
  return { outcome, deviceId: device.deviceId, elsewhere: device.elsewhere };
}

/** The decision on a report, but that a report sent again is the device it was. */
function recogniseReport(
  observed: Snapshot,
  found: readonly FoundCandidate[],
  population: number,
): { outcome: Outcome; deviceId: string | null } {
  const same = sameReport(observed, found);
  return same === undefined ? identify(observed, found, population) : { outcome: 'match', deviceId: same.deviceId };
}

function verdictOfLost(lost: LostCandidate, runId: string, resembled: Resembled | null): RejectedRow {
  const { line, sealedSnapshot } = lost.candidate;
  if (lost.holder?.runId === runId)
    return { line, verdict: 'duplicate_in_file', detail: { repeats: lost.holder.line } };
  // Something it claims is taken, and yet it is not that device: the serial number of a repaired one on another board.
  if (sealedSnapshot !== null && resembled?.outcome !== 'match') {
    const row = review(line, lost.holder?.deviceId ?? null);
    return lost.holder === null ? row : { ...row, changedHardwareOf: lost.holder.deviceId };
  }
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
