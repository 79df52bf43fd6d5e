import { endSync, joinSync, postponeSync, type LedgerDevice, type StepOutcome } from '@groundcrew/persistence/without-orm';
import { done, type StepDriver, type StepTools } from './step-driver.js';

/** One sync per tenant serves everybody who asked before it began. */
export function syncManagement({ pool, management }: StepTools): StepDriver {
  return {
    by: 'management',
    request: async () => undefined,
    async observe(tenantId, devices) {
      const last = devices.reduce((latest, each) => (each.ageMs < latest.ageMs ? each : latest));
      const waiting = await advance(tenantId, last.requestedAt);
      return new Map(devices.map((device: LedgerDevice) => [device.deviceId, waiting]));
    },
  };

  async function advance(tenantId: string, askedAt: string): Promise<StepOutcome> {
    const standing = await joinSync(pool, tenantId, askedAt);
    if (standing.kind === 'done') return done('management');
    if (standing.kind === 'too_soon') return { kind: 'waiting', why: standing.why, nextTryMs: standing.waitMs };
    // The same key is the same sync, also for somebody who goes on where another one died.
    const answer = await management.sync(standing.key, tenantId);
    if (!answer.taken) {
      const why = answer.reason === 'running' ? 'a sync is running (409)' : 'the last sync was too recent (429)';
      await postponeSync(pool, tenantId, standing.key, answer.retryAfterMs, why);
      return { kind: 'waiting', why, nextTryMs: answer.retryAfterMs };
    }
    if ((await management.readSync(tenantId)).running)
      return { kind: 'waiting', why: 'the sync is running', nextTryMs: 0 };
    await endSync(pool, tenantId, standing.key);
    return (await joinSync(pool, tenantId, askedAt)).kind === 'done'
      ? done('management')
      : { kind: 'waiting', why: 'the next sync', nextTryMs: 0 };
  }
}
