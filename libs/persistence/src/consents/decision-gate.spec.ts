import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { aCandidate, openRegistry, type Registry } from '../../../../test/support/registry.js';
import { decideConsent, lockConsent } from '../commands/consents.js';
import { lockPartner, savePartner } from '../commands/onboarding.js';
import { registerChunk } from '../registration/register-chunk.js';
import { openDatabase, type Database } from '../scope/database.js';
import { withScope } from '../scope/with-scope.js';

let cloned: ClonedDatabase;
let registry: Registry;
let worker: pg.Pool;
let api: Database;
let operator: Database;

beforeAll(async () => {
  cloned = await cloneDatabase();
  registry = openRegistry(cloned.adminUrl);
  worker = new pg.Pool({ connectionString: cloned.urls.worker, max: 4 });
  const open = (url: string) =>
    openDatabase({
      url,
      applicationName: 'test',
      poolSize: 2,
      connectTimeoutMilliseconds: 3_000,
      statementTimeoutMilliseconds: 15_000,
      warn: () => undefined,
    });
  api = open(cloned.urls.api);
  operator = open(cloned.urls.operator);
});
afterAll(async () => {
  await Promise.all([api.close(), operator.close(), worker.end()]);
  await registry.close();
  await cloned.drop();
});

type Order = { tenantId: string; partnerId: string; consentId: string };
const scope = { principal: 'test', tenantId: null, partnerId: null };

const decisions = {
  'consent.revoked': ({ tenantId, consentId }: Order) =>
    withScope(api, { ...scope, tenantId }, async (unit) => {
      await lockConsent(unit, tenantId, consentId);
      await decideConsent(unit, { id: consentId, tenantId, state: 'revoked', decidedBy: 'test', inFlight: 'stop_now' });
    }),
  'partner.suspended': ({ partnerId }: Order) =>
    withScope(operator, scope, async (unit) => {
      await lockPartner(unit, partnerId);
      await savePartner(unit, { id: partnerId, status: 'suspended', indirectProviderId: null });
    }),
};

describe('a decision that waits for a chunk', () => {
  it.each(Object.entries(decisions))(
    'is not overtaken by the next one, which is withheld: %s',
    async (reason, decide) => {
      const [tenantId, partnerId, consentId] = [await registry.aTenant(), await registry.aPartner(), randomUUID()];
      await registry.admin.query(
        `insert into registry.consent (id, tenant_id, partner_id, state) values ($1, $2, $3, 'granted')`,
        [consentId, tenantId, partnerId],
      );
      const runId = await registry.anOrder({ tenantId, partnerId, parts: [['{}'], ['{}']] });
      const register = (chunk: number) =>
        registerChunk(
          worker,
          { runId, tenantId, chunk },
          { candidates: [aCandidate(chunk)], rejected: [] },
          registry.sealer,
        );
      const blocker = await registry.admin.connect();
      await blocker.query('begin');
      await blocker.query('select 1 from registry.run where id = $1 for update', [runId]);
      // The first chunk holds the consent and waits for the run's row, the decision waits for it, and a second chunk comes.
      const first = register(1);
      await waiting(1);
      const decision = decide({ tenantId, partnerId, consentId });
      await waiting(2);
      const second = register(2);
      await waiting(3);
      await blocker.query('commit');
      blocker.release();
      await decision;
      expect((await Promise.all([first, second])).map(({ awaiting }) => awaiting)).toEqual([1, 0]);
      const { rows } = await registry.admin.query(
        `select line, verdict, detail->>'message' as why from registry.run_item where run_id = $1`,
        [runId],
      );
      expect(rows).toEqual([{ line: 2, verdict: 'withheld', why: reason }]);
    },
  );
});

async function waiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await registry.admin.query(
      `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    if (rows[0].n >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
