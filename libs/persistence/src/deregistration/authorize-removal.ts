import { authorizePartnerAction, type ConsentState, type PartnerStatus } from '@groundcrew/domain';
import type pg from 'pg';
import type { ChunkKey } from '../registration/open-chunk.js';
import type { StepOutcome } from './ledger-device.js';

/** What a partner's run does for it when nobody calls any more: what its callers may do. */
const forPartner = ['partner'] as const;

/**
 * A partner's run is authorised once more before the line, with what that rests on held until commit. Where the consent was revoked or the
 * partner suspended meanwhile, the devices stay registered and a person decides.
 *
 * @returns null where the chunk may go on, or where no partner ordered it
 */
export async function authorizeRemoval(client: pg.PoolClient, key: ChunkKey): Promise<StepOutcome | null> {
  const { rows } = await client.query<{ status: PartnerStatus; consent: ConsentState | null }>({
    name: 'dereg_authorize',
    text: `select a.partner_status as status, a.consent_state as consent
           from registry.run r cross join lateral registry.lock_registration_authority(r.partner_id, r.tenant_id) a
           where r.id = $1 and r.partner_id is not null`,
    values: [key.runId],
  });
  if (rows[0] === undefined) return null;
  const standing = { ...rows[0], acceptedUnder: null };
  const decision = authorizePartnerAction(forPartner, 'remove_registration_only', standing);
  if (decision.ok) return null;
  return { kind: 'attention', code: 'not_authorised', difference: decision.refusal, answeredBy: 'registry' };
}
