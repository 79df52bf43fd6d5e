import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { pause, type Customer, type RunningStack } from '../support/running-stack.js';
import {
  aLargeOrder,
  expectWhole,
  orderStruckInTheMiddle,
  seededMoments,
  startMortalStack,
} from './pulling-the-plug.js';

describe('an order of 5,000 while something else is killed', () => {
  let world: RunningStack;
  let customer: Customer;

  beforeAll(async () => {
    world = await startMortalStack();
    customer = await world.aCustomer();
  }, 120_000);
  afterAll(() => world.stop());

  const strikes: Record<string, () => Promise<void>> = {
    'the neighbours': () => world.stack.apps.neighbours.kill('SIGKILL'),
    'the relay': () => world.stack.apps.relay.kill('SIGKILL'),
    PostgreSQL: () => world.stack.postgres!.kill(),
    'the Temporal server': () => world.stack.temporal!.kill(),
  };
  const cases = Object.keys(strikes).flatMap((victim, kind) =>
    seededMoments(1_000 + kind, 3).map((moment, index) => [victim, index + 1, moment] as const),
  );

  it.each(cases)(
    '%s, moment %i: nothing is lost and nothing done twice',
    async (victim, _number, moment) => {
      const blow = await orderStruckInTheMiddle(world, customer, moment, strikes[victim]!);
      expect(blow.recoveredAfterMs).toBeLessThan(30_000);
    },
    150_000,
  );

  it('the relay before it could start the run: the run starts once, when another relay takes over', async () => {
    await world.stack.apps.relay.stop();
    const { id } = await world.submit(customer, await aLargeOrder(world));
    await pause(500);
    expect((await world.run(customer, id)).status).toBe('NotStarted');
    await world.stack.apps.relay.start();
    await expectWhole(world, customer, id);
  }, 120_000);

  it('Temporal is down: the command is accepted, and finishes when it is back', async () => {
    await world.stack.temporal!.stop();
    const { id } = await world.submit(customer, await aLargeOrder(world));
    await pause(1_000);
    expect((await world.run(customer, id)).status).toBe('NotStarted');
    await world.stack.temporal!.restart();
    await expectWhole(world, customer, id);
  }, 150_000);

  it.each([1, 2, 3])(
    'the API during an upload, moment %i: the key comes free, and the order sent again is one operation',
    async (moment) => {
      const lines = await aLargeOrder(world);
      const key = randomUUID();
      const body = Buffer.from(lines.join('\n'));
      const before = await runsOf(customer);
      const broken = new Promise<void>((resolve) => {
        const upload = request(
          `${world.stack.apiUrl}/v1/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}&purchaseOrderIdentifier=PO-1`,
          {
            method: 'POST',
            headers: {
              authorization: `Bearer ${customer.pipeline}`,
              'content-type': 'application/jsonl',
              'content-length': String(body.length),
              'idempotency-key': key,
            },
          },
        );
        upload.on('error', () => resolve());
        upload.on('close', () => resolve());
        upload.write(body.subarray(0, Math.floor((body.length * moment) / 4)));
      });
      while ((await partsOpen()) < moment) await pause(5);
      await world.stack.apps.api.kill('SIGKILL');
      await broken;
      expect(await runsOf(customer)).toBe(before);

      const { id } = await world.submit(customer, lines, key);
      await expectWhole(world, customer, id);
      expect((await world.submit(customer, lines, key)).id).toBe(id);
      expect(await runsOf(customer)).toBe(before + 1);
      // What the dead upload left behind is swept.
      while ((await partsOpen()) > 0) await pause(50);
    },
    120_000,
  );

  it('the API while an upload in parts is committed: its parts are still there, and committing again is one operation', async () => {
    const body = Buffer.from((await aLargeOrder(world)).join('\n'));
    const third = Math.ceil(body.length / 3);
    const call = (path: string, init: RequestInit) => world.call(path, customer.pipeline, init);
    const json = (key: string) => ({ 'content-type': 'application/json', 'idempotency-key': key });
    const opened = await call(`/partners/${customer.partnerId}/uploads`, {
      method: 'POST',
      headers: json(randomUUID()),
      body: JSON.stringify({ tenantId: customer.tenantId, format: 'jsonl', purchaseOrderIdentifier: 'PO-1' }),
    });
    for (const number of [1, 2, 3]) {
      const part = body.subarray((number - 1) * third, number * third);
      const digest = createHash('sha256').update(part).digest('base64');
      const headers = { 'content-type': 'application/octet-stream', 'content-digest': `sha-256=:${digest}:` };
      expect(
        (await call(`/uploads/${opened.body.id}/parts/${number}`, { method: 'PUT', headers, body: part })).status,
      ).toBe(200);
    }
    const before = await runsOf(customer);
    const key = randomUUID();
    const commit = () =>
      call(`/uploads/${opened.body.id}/commits`, { method: 'POST', headers: json(key), body: '{"parts":3}' });
    const broken = commit().catch(() => null);
    while ((await partsOpen()) < 1) await pause(1);
    await world.stack.apps.api.kill('SIGKILL');
    expect(await broken).toBeNull();
    expect(await runsOf(customer)).toBe(before);

    let answer: Awaited<ReturnType<typeof commit>> | null = null;
    while (answer?.status !== 202) {
      answer = await commit().catch(() => null);
      if (answer?.status !== 202) await pause(200);
    }
    await expectWhole(world, customer, answer.body.id);
    expect((await commit()).body.id).toBe(answer.body.id);
    expect(await runsOf(customer)).toBe(before + 1);
  }, 120_000);

  async function runsOf({ partnerId }: Customer): Promise<number> {
    const { rows } = await world.admin.query('select count(*)::int as runs from registry.run where partner_id = $1', [
      partnerId,
    ]);
    return rows[0].runs;
  }

  async function partsOpen(): Promise<number> {
    const { rows } = await world.admin.query(
      'select count(*)::int as parts from registry.intake_part p join registry.intake i on i.id = p.intake_id where not i.accepted',
    );
    return rows[0].parts;
  }
});
