import { consentLifecycle, isClosed, type ConsentState } from '@groundcrew/domain';
import type pg from 'pg';
import { inTenant } from '../bulk/tenant-transaction.js';
import { recordProgress } from '../registration/progress.js';
import { lockRun, moveRun, type RunKey } from '../registration/run-store.js';

interface WaitingConsent {
  id: string;
  state: ConsentState;
  reminders: number;
  waited_ms: number;
}

/** How a consent stands that a run waits for. */
export interface ConsentStanding {
  decided: boolean;
  reminders: number;
  /** Since it was asked for, in milliseconds, by the database's clock. */
  waitedMs: number;
}

/** Takes the run up and says how long the consent has waited already: the run may start late. */
export async function openConsentRun(pool: pg.Pool, key: RunKey): Promise<ConsentStanding> {
  return inTenant(pool, key.tenantId, async (client) => {
    const consent = await lockConsentOfRun(client, key);
    const run = await lockRun(client, key);
    if (run.state === 'accepted') await moveRun(client, key, run, 'start', 'run.started', {});
    return { decided: consent.state !== 'requested', reminders: consent.reminders, waitedMs: consent.waited_ms };
  });
}

/** Writes a reminder down, once for each number, and only while the tenant has not decided. */
export async function remindOfConsent(pool: pg.Pool, key: RunKey, number: number): Promise<{ decided: boolean }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const consent = await lockConsentOfRun(client, key);
    if (consent.state !== 'requested') return { decided: true };
    if (consent.reminders >= number) return { decided: false };
    await client.query('update registry.consent set reminders = $2, version = version + 1 where id = $1', [
      consent.id,
      number,
    ]);
    await record(client, key, 'consent.reminded', { consentId: consent.id, number });
    return { decided: false };
  });
}

/** Expires the consent if nobody was faster: whoever holds its row first decides, and the other finds it decided. */
export async function expireConsent(pool: pg.Pool, key: RunKey): Promise<{ expired: boolean }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const consent = await lockConsentOfRun(client, key);
    const next = consentLifecycle[consent.state].expire;
    if (next === undefined) return { expired: false };
    await client.query(
      `update registry.consent set state = $2, decided_by = 'service:worker', decided_at = now(), version = version + 1 where id = $1`,
      [consent.id, next],
    );
    await record(client, key, 'consent.expired', { consentId: consent.id });
    return { expired: true };
  });
}

/** Closes the run with what became of the consent. A run that is closed already is left alone. */
export async function closeConsentRun(pool: pg.Pool, key: RunKey): Promise<{ outcome: ConsentState }> {
  return inTenant(pool, key.tenantId, async (client) => {
    const consent = await lockConsentOfRun(client, key);
    const run = await lockRun(client, key);
    const closing = { consentId: consent.id, outcome: consent.state };
    if (!isClosed(run.state)) await moveRun(client, key, run, 'complete', 'run.completed', closing);
    return { outcome: consent.state };
  });
}

async function lockConsentOfRun(client: pg.PoolClient, key: RunKey): Promise<WaitingConsent> {
  const { rows } = await client.query<WaitingConsent>({
    name: 'lock_consent_of_run',
    text: `select id, state, reminders, (extract(epoch from clock_timestamp() - created_at) * 1000)::integer as waited_ms
           from registry.consent where run_id = $1 for update`,
    values: [key.runId],
  });
  if (rows[0] === undefined) throw new Error(`run ${key.runId} waits for no consent`);
  return rows[0];
}

function record(client: pg.PoolClient, key: RunKey, action: string, data: object): Promise<void> {
  return recordProgress(client, key, { counts: {}, event: { kind: action, data }, audit: { action, data } });
}
