import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from '@groundcrew/contracts';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolDevices } from '@groundcrew/subsystems';
import pg from 'pg';
import { generatedLines, generatedOrder } from '../support/generated-order.js';
import { devices, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';

const capture = readFileSync(join(import.meta.dirname, '../../tools/capture/fixtures/windows-capture.csv'));

describe('an import, from the front door to the tables', () => {
  let world: RunningStack;
  let customer: Customer;

  beforeAll(async () => {
    world = await startRunningStack('shared');
    customer = await world.aCustomer();
  }, 120_000);
  afterAll(() => world.stop());

  async function imported(body: Buffer | string, query = ''): Promise<RunView> {
    const accepted = await world.call(`/tenants/${customer.tenantId}/imports${query}`, customer.administrator, {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': 'text/csv', 'idempotency-key': randomUUID() },
    });
    expect(accepted.status).toBe(202);
    return await world.finished({ ...customer, pipeline: customer.administrator }, accepted.body.id);
  }
  const count = async (table: string) =>
    (
      await world.admin.query<{ count: number }>(
        `select count(*)::int as count from registry.${table} where tenant_id = $1`,
        [customer.tenantId],
      )
    ).rows[0]!.count;

  it('of what the capture script wrote gives its verdict first and registers the device then', async () => {
    const before = await count('device');
    expect(await imported(capture, '?validateOnly=true')).toMatchObject({
      status: 'Succeeded',
      validateOnly: true,
      registered: 0,
      verdicts: { would_register: 1 },
    });
    expect([await count('device'), await count('device_hash')]).toEqual([before, before]);
    expect(await imported(capture, '?osFamily=windows_11_se')).toMatchObject({ kind: 'import', registered: 1 });
    expect(await imported(capture)).toMatchObject({ verdicts: { already_registered: 1 } });
    const [device] = (await world.call(`/tenants/${customer.tenantId}/devices?groupTag=Kiosk`, customer.administrator))
      .body.value;
    expect(device).toMatchObject({ registration: { registrar: 'tenant' }, directory: { state: 'observed' } });
    const { body: facts } = await world.call(
      `/tenants/${customer.tenantId}/devices/${device.id}/facts`,
      customer.administrator,
    );
    expect(facts).toMatchObject({
      osFamily: 'windows_11_se',
      sources: { osFamily: 'import', deviceType: facts.deviceType === null ? null : 'hash' },
    });
  });

  it('in five columns says for whom each device is meant; one for somebody elsewhere is refused', async () => {
    const owner = await world.call(`/tenants/${customer.tenantId}/domains`, customer.owner, {
      method: 'POST',
      body: JSON.stringify({ name: 'contoso.com' }),
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    });
    expect(owner.status).toBe(201);
    const { lines } = devices(3);
    const hash = (index: number) => (JSON.parse(lines[index]!) as { hardwareIdentifier: string }).hardwareIdentifier;
    const file = [
      'Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User',
      `,,${hash(0)},Five,ada@contoso.com`,
      `,,${hash(1)},Five,eve@fabrikam.com`,
      `,,${hash(2)},Five,`,
    ].join('\r\n');
    expect(await imported(file)).toMatchObject({ registered: 2, verdicts: { malformed: 1 } });
    const { value } = (await world.call(`/tenants/${customer.tenantId}/devices?groupTag=Five`, customer.administrator))
      .body as { value: { assignedUserPrincipalName: string | null }[] };
    expect(value.map((device) => device.assignedUserPrincipalName).sort()).toEqual(['ada@contoso.com', null]);
  });

  it('leaves alone what is somebody’s own, and says why; so does an order, without asking management', async () => {
    const neighbours = new pg.Pool({ connectionString: world.stack.databaseUrls.neighbours, max: 1 });
    const { lines, fleet } = devices(6);
    const serials = fleet.map(({ serialNumber }) => serialNumber!);
    await enrolDevices(neighbours, customer.tenantId, [
      { serialNumber: serials[0]!, join: null, ownership: 'personal' },
      { serialNumber: serials[1]!, join: 'Workplace', ownership: 'personal' },
      { serialNumber: serials[2]! },
    ]);
    for (const serial of [serials[3]!, serials[4]!])
      await world.admin.query(
        `insert into directory.device_object (tenant_id, display_name, physical_ids, trust_type) values ($1, $2, '{}', 'Workplace')`,
        [customer.tenantId, serial],
      );
    await neighbours.end();
    const rows = lines.map((line) => (JSON.parse(line) as { hardwareIdentifier: string }).hardwareIdentifier);
    const file = ['Hardware Hash', ...rows.toSpliced(4, 1)].join('\n');
    const verdicts = { management_only: 1, workplace_joined: 2, already_joined: 1 };
    expect(await imported(file, '?validateOnly=true')).toMatchObject({ verdicts: { ...verdicts, would_register: 1 } });
    expect(await imported(file)).toMatchObject({ registered: 1, verdicts });
    const order = await world.submit(customer, [lines[4]!, lines[0]!]);
    const run = await world.finished(customer, order.id);
    expect(run.verdicts).toMatchObject({ workplace_joined: 1, registered: 1 });
  });

  it('of a damaged file of several parts registers what the clean one would, says what it changed, and hands back what failed', async () => {
    const lines = await generatedLines(world, 1_100);
    const rows = lines.map((line, index) => {
      const { hardwareIdentifier } = JSON.parse(line) as { hardwareIdentifier: string };
      return index % 500 === 3 ? ` ${hardwareIdentifier.replace(/=+$/, '')} ;"Küche"` : `${hardwareIdentifier};Küche`;
    });
    const text = ['HARDWARE_HASH;group tag', ...rows.toSpliced(1, 0, 'QUJD;=1+1')].join('\r');
    const run = await imported(Buffer.from(`\ufeff${text}`, 'utf16le'));
    expect(run).toMatchObject({ received: 1_101, registered: 1_100, rejected: 1 });
    const { body: corrected } = await world.call(`/operations/${run.id}/corrections`, customer.administrator);
    expect(corrected.value.map(({ line }: { line: number }) => line)).toEqual([1, 6, 506, 1_006]);

    const answer = await fetch(`${world.stack.apiUrl}/v1/operations/${run.id}/failedRows`, {
      headers: { authorization: `Bearer ${customer.administrator}` },
    });
    const failed = await answer.text();
    const [header, row, end] = failed.split('\r\n');
    expect([header, end]).toEqual(['HARDWARE_HASH,group tag,Code,Fix', '']);
    expect(row).toMatch(/^QUJD,'=1\+1,hash_invalid hash\.too-short 802,/);
    const { hardwareIdentifier } = JSON.parse(devices(1).lines[0]!) as { hardwareIdentifier: string };
    expect(await imported([header, row!.replace('QUJD', hardwareIdentifier)].join('\r\n'))).toMatchObject({
      registered: 1,
    });
  });

  it('of 5,000 rows gives the verdicts that it then comes to, and hands back every row that failed', async () => {
    const file = await generatedOrder(world, { devices: 5_000, bad: 60, format: 'csv' });
    const asked = await imported(file, '?validateOnly=true');
    const { would_register: wished, ...failures } = asked.verdicts;
    expect(asked).toMatchObject({ received: 5_000, decided: 5_000, registered: 0 });
    expect(failures).toMatchObject({ duplicate_in_file: 15 });
    const run = await imported(file);
    expect(run.verdicts).toEqual({ registered: wished, ...failures });
    const again = await imported(file, '?validateOnly=true');
    expect(again.verdicts).toMatchObject({ already_registered: wished });
    for (const [{ id }, rows] of [
      [asked, 60],
      [run, 60],
      [again, 5_000],
    ] as const) {
      const answer = await fetch(`${world.stack.apiUrl}/v1/operations/${id}/failedRows`, {
        headers: { authorization: `Bearer ${customer.administrator}` },
      });
      expect((await answer.text()).split('\r\n')).toHaveLength(1 + rows + 1);
    }
  }, 120_000);
});
