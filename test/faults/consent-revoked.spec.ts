import { workspaceRoot } from '@groundcrew/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pause, type RunningStack } from '../support/running-stack.js';
import { countVerdicts, startMortalStack } from './pulling-the-plug.js';

const rows = 20_000;

describe('an order of 20,000 whose consent is revoked while Temporal is down', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startMortalStack();
  }, 120_000);
  afterAll(() => world.stop());

  it('registers nothing after the revocation; each remaining row is withheld, and registered devices stay', async () => {
    const customer = await world.aCustomer();
    const file = join(world.stack.folder, 'order.jsonl');
    const generator = join(workspaceRoot, 'tools/fleet/dist/main.js');
    const seed = String(8_000 + (process.pid % 999));
    await promisify(execFile)(
      process.execPath,
      [generator, 'order', '--seed', seed, '--devices', String(rows), '--format', 'jsonl', '--out', file],
      { env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const { id } = await world.submit(customer, (await readFile(file, 'utf8')).trimEnd().split('\n'));
    while ((await countVerdicts(world, id)) < 3_000) await pause(10);
    await world.stack.temporal!.stop();

    const consents = await world.call(`/tenants/${customer.tenantId}/consents`, customer.owner);
    const revoked = await world.call(
      `/tenants/${customer.tenantId}/consents/${consents.body.value[0].id}?inFlight=stop_now`,
      customer.owner,
      {
        method: 'DELETE',
        headers: { 'idempotency-key': randomUUID() },
      },
    );
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', inFlight: 'stop_now' } });
    const devices = await devicesOf(customer.tenantId);
    expect(devices).toBeLessThan(rows);

    await world.stack.temporal!.restart();
    const run = await world.finished(customer, id, 150_000);
    expect(await devicesOf(customer.tenantId)).toBe(devices);
    expect(run).toMatchObject({
      status: 'Succeeded',
      decided: rows,
      verdicts: { registered: devices, withheld: rows - devices },
    });
    const reasons = await world.admin.query(
      `select detail->>'message' as why, count(*)::int as rows from registry.run_item where run_id = $1 and verdict = 'withheld' group by 1`,
      [id],
    );
    expect(reasons.rows).toEqual([{ why: 'consent.revoked', rows: rows - devices }]);
  }, 280_000);

  async function devicesOf(tenantId: string): Promise<number> {
    const answer = await world.admin.query(
      'select count(*)::int as devices from registry.device where tenant_id = $1',
      [tenantId],
    );
    return answer.rows[0].devices;
  }
});
