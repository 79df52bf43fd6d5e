import { toSnapshot, reportFromTuple, type EvidenceKey } from '@groundcrew/matching';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { aCandidate, digestOf, type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { uuidV7 } from '../identifiers/uuid-v7.js';
import { sealSnapshot } from '../matching/candidate-index.js';
import type { Candidate } from './chunk-decision.js';
import { loadAwaiting } from './open-chunk.js';
import { registerChunk } from './register-chunk.js';
import { settleChunk } from './settle-chunk.js';

/**
 * Plans are kept by the session that made them, and a worker makes its own while the registry is nearly empty and has no statistics:
 * what is cheap then must not be what reads everything, for every row, when there are millions.
 */
describe('a chunk of an order', () => {
  let registry: Registry;
  let worker: pg.Pool;
  const growing = ['candidate_key', 'identity_claim', 'device_snapshot', 'device', 'device_hash', 'run_item'];

  registrySuite('worker', 1, (opened) => ({ registry, pool: worker } = opened));
  beforeAll(async () => {
    for (const table of growing) {
      await registry.admin.query(`alter table registry.${table} set (autovacuum_enabled = off)`);
    }
  });

  const [chunks, rows] = [20, 60];

  function aDevice(line: number): Candidate {
    const serialNumber = randomUUID();
    const keys = Array.from({ length: 7 }, (): EvidenceKey => {
      return { kind: 'lan', key: randomBytes(8).readBigInt64BE() };
    });
    const snapshot = toSnapshot(reportFromTuple({ manufacturer: 'Fabrikam', model: 'Book 5', serialNumber }));
    const deviceId = uuidV7(Date.now());
    return aCandidate(line, {
      deviceId,
      claims: [{ kind: 'manufacturer_serial', digest: digestOf(serialNumber) }],
      sealedSnapshot: sealSnapshot(registry.sealer, deviceId, snapshot),
      keys,
    });
  }

  /** Rows that were read by going through a table from its beginning. */
  async function readInSequence(): Promise<Record<string, number>> {
    await worker.query('select pg_stat_force_next_flush()');
    const { rows: found } = await registry.admin.query<{ relname: string; seq_tup_read: string }>(
      `select relname, seq_tup_read from pg_stat_user_tables where schemaname = 'registry' and relname = any ($1)`,
      [growing],
    );
    return Object.fromEntries(found.map(({ relname, seq_tup_read }) => [relname, Number(seq_tup_read)]));
  }

  it.each(['new devices', 'devices that are registered already'])(
    'of %s reads no table from end to end, however the plan came about',
    async (what) => {
      const tenantId = await registry.aTenant();
      const partnerId = await registry.aPartner();
      await registry.aConsent(tenantId, partnerId);
      const lines = Array.from({ length: rows }, () => '{}');
      const order = () => registry.anOrder({ tenantId, partnerId, parts: Array.from({ length: chunks }, () => lines) });
      const candidates = Array.from({ length: chunks }, (_, chunk) =>
        Array.from({ length: rows }, (_, row) => aDevice(chunk * rows + row + 1)),
      );
      const register = async (runId: string, numbers: number[]) => {
        for (const number of numbers) {
          const key = { runId, tenantId, chunk: number };
          const decision = { candidates: candidates[number - 1]!, rejected: [] };
          await registerChunk(worker, key, decision, registry.sealer);
          const awaiting = (await loadAwaiting(worker, key)) ?? [];
          const objects = new Map(awaiting.map(({ deviceId }) => [deviceId, randomUUID()]));
          if (awaiting.length > 0) {
            await settleChunk(worker, key, { objects, refused: new Map() }, registry.sealer);
          }
        }
      };
      const numbers = Array.from({ length: chunks }, (_, index) => index + 1);
      const runId = await order();
      if (what === 'devices that are registered already') await register(await order(), numbers);
      // The first ones may: there is next to nothing, and their plans are made anew each time.
      await register(runId, numbers.slice(0, 12));
      const before = await readInSequence();
      await register(runId, numbers.slice(12));
      expect(await readInSequence()).toEqual(before);
    },
  );
});
