import { userDomainFault } from '@groundcrew/domain';
import type pg from 'pg';
import { askOf } from '../bulk/ask-of.js';
import type { Candidate, ChunkDecision, RejectedRow } from '../registration/chunk-decision.js';
import { writeDesignations } from './designations.js';
import { readDomains } from './tenant-domains.js';

/** Rejects the rows whose device is meant for somebody of another tenant. Asks nothing where no row names anybody. */
export async function rejectForeignUsers(
  client: pg.PoolClient,
  tenantId: string,
  decision: ChunkDecision,
): Promise<ChunkDecision> {
  if (!decision.candidates.some(({ designation }) => (designation?.assignedUser ?? null) !== null)) return decision;
  const domains = await readDomains(askOf(client), tenantId);
  const rejected: RejectedRow[] = [...decision.rejected];
  const candidates = decision.candidates.filter(({ line, designation }) => {
    const user = designation?.assignedUser ?? null;
    const fault = user === null ? null : userDomainFault(user, domains);
    if (fault === null) return true;
    rejected.push({ line, verdict: 'malformed', detail: { field: 'assignedUserPrincipalName', ...fault } });
    return false;
  });
  return { ...decision, candidates, rejected };
}

/** Writes down whom the chunk's new devices are meant for, where a row said so. */
export async function designateRegistered(
  client: pg.PoolClient,
  tenantId: string,
  devices: readonly Candidate[],
): Promise<void> {
  const designated = devices.flatMap(({ deviceId, designation }) =>
    designation === null || designation === undefined ? [] : [{ deviceId, ...designation }],
  );
  if (designated.length > 0) await writeDesignations(askOf(client), tenantId, designated);
}
