import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedLines } from '../support/generated-order.js';
import {
  devices,
  pause,
  readEvents,
  startRunningStack,
  type Customer,
  type RunningStack,
} from '../support/running-stack.js';

describe('an order of devices, from the front door to the tables', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startRunningStack('shared');
  }, 120_000);
  afterAll(() => world.stop());

  it('gives each row its verdict; the tenant finds its devices, another tenant finds none', async () => {
    const customer = await world.aCustomer();
    const { lines, fleet } = devices(1_200, { groupTag: 'Kiosk' });
    lines.push(
      '{"groupTag":"nobody"}',
      '{"hardwareIdentifier":"*"}',
      '{"hardwareIdentifier":"QUJD"}',
      lines[7]!,
      '{"manufacturer":"F","model":"B","serialNumber":"1"}',
      '{',
    );
    const accepted = await world.submit(customer, lines);
    expect(accepted).toMatchObject({ status: 'NotStarted', received: 1_206, done: false });

    const run = await world.finished(customer, accepted.id);
    expect(run).toMatchObject({
      status: 'Succeeded',
      subStatus: 'CompletedWithErrors',
      decided: 1_206,
      registered: 1_200,
      rejected: 6,
    });
    const items = await world.items(customer, run.id);
    expect(items.map((item) => item.line)).toEqual(Array.from({ length: 1_206 }, (_, index) => index + 1));
    expect(items.filter((item) => item.line > 1_200 && item.line !== 1_204).map((item) => item.verdict)).toEqual([
      'identity_missing',
      'hash_invalid',
      'hash_invalid',
      'not_on_file',
      'malformed',
    ]);
    // Line 1,204 repeats line 8 in another chunk: whichever was first is registered, the other says which one it repeats.
    const twins = [items[7]!, items[1_203]!];
    expect(twins.map((item) => item.verdict).sort()).toEqual(['duplicate_in_file', 'registered']);
    const [repeating, repeated] = twins[0]!.verdict === 'registered' ? [twins[1]!, twins[0]!] : [twins[0]!, twins[1]!];
    expect(repeating.repeats).toBe(repeated.line);

    const found = await world.call(
      `/tenants/${customer.tenantId}/devices?serialNumber=${encodeURIComponent(fleet[0]!.serialNumber)}`,
      customer.administrator,
    );
    expect(found.body.value).toEqual([
      expect.objectContaining({
        groupTag: 'Kiosk',
        purchaseOrderIdentifier: 'PO-1',
        directory: expect.objectContaining({ state: 'observed' }),
        profile: expect.objectContaining({ state: 'unassigned', profileId: null }),
      }),
    ]);
    const stranger = await world.aCustomer();
    expect((await world.call(`/tenants/${customer.tenantId}/devices`, stranger.administrator)).status).toBe(404);
    expect((await world.call(`/tenants/${stranger.tenantId}/devices`, stranger.administrator)).body.value).toEqual([]);
    expect((await world.call(`/operations/${run.id}`, stranger.pipeline)).status).toBe(404);

    const objects = await world.admin.query(
      'select count(*)::int as objects from directory.device_object where tenant_id = $1',
      [customer.tenantId],
    );
    expect(objects.rows[0].objects).toBe(1_200);
    const ids = await world.admin.query(
      `select d.physical_ids from directory.device_object d join registry.device r on r.id = d.registration_id where r.serial_number = $1`,
      [fleet[0]!.serialNumber],
    );
    expect(ids.rows[0].physical_ids).toEqual([
      expect.stringMatching(/^\[ZTDID\]:/),
      '[OrderId]:Kiosk',
      '[PurchaseOrderId]:PO-1',
    ]);
  });

  it('tells whoever watches every event in order, also after a pause', async () => {
    const customer = await world.aCustomer();
    const run = await world.submit(customer, await generatedLines(world, 2_500));
    const url = `${world.stack.apiUrl}/v1/operations/${run.id}/events`;
    const first = await readEvents(url, customer.pipeline, { atMost: 2 });
    await world.finished(customer, run.id);
    const rest = await readEvents(url, customer.pipeline, { lastEventId: first[1]!.id });
    const all = [...first, ...rest].map(({ event }) => event);
    expect(all.map((event) => event.seq)).toEqual(all.map((_, index) => index + 1));
    expect(all[0]!.kind).toBe('run.accepted');
    expect(all.at(-1)!.kind).toBe('run.completed');
  });

  it('is one operation when it is sent twice, and refuses another body under the same key', async () => {
    const customer = await world.aCustomer();
    const { lines } = devices(3);
    const key = randomUUID();
    const first = await world.submit(customer, lines, key);
    await world.finished(customer, first.id);
    expect((await world.submit(customer, lines, key)).id).toBe(first.id);
    await expect(world.submit(customer, lines.slice(1), key)).rejects.toThrow('422');
    const { rows } = await world.admin.query('select count(*)::int as runs from registry.run where partner_id = $1', [
      customer.partnerId,
    ]);
    expect(rows[0].runs).toBe(1);
  });

  it('says on the second order that the devices are registered already, and to another tenant only that it cannot have them', async () => {
    const customer = await world.aCustomer();
    const other = await world.aCustomer();
    const { lines } = devices(2);
    await world.finished(customer, (await world.submit(customer, lines)).id);
    const again = await world.finished(customer, (await world.submit(customer, lines)).id);
    expect(again.verdicts).toEqual({ already_registered: 2 });
    const elsewhere = await world.submit(other, lines);
    expect((await world.finished(other, elsewhere.id)).verdicts).toEqual({ owned_elsewhere: 2 });
    const items = JSON.stringify(await world.items(other, elsewhere.id));
    expect(items).not.toContain(customer.tenantId);
  });

  it('gives two tenants that order the same 5,000 devices in opposite order each device once', async () => {
    const [left, right] = [await world.aCustomer(), await world.aCustomer()];
    const lines = await generatedLines(world, 5_000);
    const orders: [Customer, string[]][] = [
      [left, lines],
      [right, lines.toReversed()],
    ];
    const runs = await Promise.all(
      orders.map(async ([customer, body]) =>
        world.finished(customer, (await world.submit(customer, body)).id, 120_000),
      ),
    );
    const sum = (verdict: 'registered' | 'owned_elsewhere') =>
      runs.reduce((total, run) => total + (run.verdicts[verdict] ?? 0), 0);
    expect({ registered: sum('registered'), elsewhere: sum('owned_elsewhere') }).toEqual({
      registered: 5_000,
      elsewhere: 5_000,
    });
    const { rows } = await world.admin.query(
      'select count(*)::int as devices from registry.device where tenant_id = any ($1)',
      [[left.tenantId, right.tenantId]],
    );
    expect(rows[0].devices).toBe(5_000);
  });

  it('withholds the rest of an order whose consent is revoked', async () => {
    const customer = await world.aCustomer();
    const consents = await world.call(`/tenants/${customer.tenantId}/consents`, customer.owner);
    const [consent] = consents.body.value;
    const run = await world.submit(customer, await generatedLines(world, 6_000));
    const revoked = await world.call(`/tenants/${customer.tenantId}/consents/${consent.id}`, customer.owner, {
      method: 'DELETE',
      headers: { 'idempotency-key': randomUUID(), 'if-match': consent.etag },
    });
    expect(revoked.status).toBeLessThan(300);
    const before = await devicesOf(customer);
    const { verdicts, decided } = await world.finished(customer, run.id);
    expect(decided).toBe(6_000);
    expect(verdicts.withheld ?? 0).toBeGreaterThan(0);
    expect(await devicesOf(customer)).toBe(before);
    await expect(world.submit(customer, devices(1).lines)).rejects.toThrow('consent.revoked');
  });

  it('keeps no hash readable: not in a table, a log, a history or an answer', async () => {
    const customer = await world.aCustomer();
    const { lines, fleet } = devices(30);
    const run = await world.finished(
      customer,
      (
        await world.submit(customer, [
          ...lines,
          lines[0]!,
          '{"hardwareIdentifier":"T0FzAQEAHAAAAAoA6AOCOgEABgBgW7EdzorHH3g"}',
        ])
      ).id,
    );
    // Any stretch of a hash that only this device has, as text, and as the bytes and hex that a table would hold.
    const secrets = fleet.slice(0, 5).flatMap(({ hardwareIdentifier }) => {
      const bytes = Buffer.from(hardwareIdentifier, 'base64').subarray(300, 330);
      return [hardwareIdentifier.slice(400, 440), bytes.toString('hex'), bytes.toString('latin1')];
    });
    const places: Record<string, string> = {};
    for (const { name } of (
      await world.admin.query<{ name: string }>(
        `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname in ('registry', 'directory', 'public')`,
      )
    ).rows) {
      const { rows } = await world.admin.query(`select t::text as row from ${name} t`);
      places[name] = rows.map((row) => row.row).join('\n');
    }
    const logs = join(world.stack.folder, 'logs');
    for (const name of readdirSync(logs)) places[`log ${name}`] = readFileSync(join(logs, name), 'latin1');
    const connection = await Connection.connect({ address: world.stack.temporalAddress });
    const history = await new Client({ connection }).workflow.getHandle(`registration_order/${run.id}`).fetchHistory();
    places.history = JSON.stringify(history, (_key, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    await connection.close();
    for (const path of [`/operations/${run.id}`, `/operations/${run.id}/items`, `/operations/${run.id}/steps`]) {
      places[path] = JSON.stringify((await world.call(path, customer.pipeline)).body);
    }
    const listed = await world.call(`/tenants/${customer.tenantId}/devices`, customer.administrator);
    places.devices = JSON.stringify(listed.body);
    expect(listed.body.value).toHaveLength(30);
    for (const [place, text] of Object.entries(places)) {
      for (const secret of secrets) expect({ place, found: text.includes(secret) }).toEqual({ place, found: false });
    }
    expect(Object.keys(places)).toEqual(
      expect.arrayContaining(['registry.device_hash', 'log api.log', 'log worker.log']),
    );
  });

  it('accepts a CSV as it accepts JSON Lines', async () => {
    const customer = await world.aCustomer();
    const { fleet } = devices(3);
    const csv = [
      'Hardware Hash,Device Serial Number,Group Tag',
      ...fleet.map((device) => `${device.hardwareIdentifier},${device.serialNumber},Sales`),
    ].join('\r\n');
    const answer = await world.call(
      `/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}`,
      customer.pipeline,
      {
        method: 'POST',
        body: csv,
        headers: { 'content-type': 'text/csv', 'idempotency-key': randomUUID() },
      },
    );
    expect(answer.status).toBe(202);
    expect(answer.headers.get('operation-location')).toBe(`${world.stack.apiUrl}/v1/operations/${answer.body.id}`);
    expect(await world.finished(customer, answer.body.id)).toMatchObject({ registered: 3, rejected: 0 });
    expect((await world.items(customer, answer.body.id)).map((item) => item.line)).toEqual([2, 3, 4]);
  });

  it('for its verdicts alone is no order: nothing is registered, nothing is listed, and the sender reads each row', async () => {
    const customer = await world.aCustomer();
    const base = `/partners/${customer.partnerId}/orders`;
    const asked = await world.call(`${base}?tenantId=${customer.tenantId}&validateOnly=true`, customer.pipeline, {
      method: 'POST',
      body: [...devices(3).lines, '{"serialNumber":"nobody"}'].join('\n'),
      headers: { 'content-type': 'application/jsonl', 'idempotency-key': randomUUID() },
    });
    expect(asked).toMatchObject({ status: 202, body: { orderId: null, validateOnly: true } });
    const run = await world.finished(customer, asked.body.id);
    expect(run).toMatchObject({ status: 'Succeeded', verdicts: { would_register: 3, identity_missing: 1 } });
    expect((await world.items(customer, run.id)).map(({ deviceId }) => deviceId)).toEqual([null, null, null, null]);
    expect((await world.call(base, customer.pipeline)).body.value).toEqual([]);
    expect(await devicesOf(customer)).toBe(0);
  });

  async function devicesOf(customer: Customer): Promise<number> {
    // A chunk that had locked the consent before the revocation has committed by the time the revocation was answered.
    await pause(0);
    const { rows } = await world.admin.query(
      'select count(*)::int as devices from registry.device where tenant_id = $1',
      [customer.tenantId],
    );
    return rows[0].devices;
  }
});
