import type { RunView } from '@groundcrew/contracts';
import { workspaceRoot } from '@groundcrew/stack';
import type { FleetDevice } from '@groundcrew/fleet';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { generatedLines } from '../support/generated-order.js';
import { groundcrew, type Said } from '../support/cli.js';
import {
  devices,
  pause,
  startRunningStack,
  type Answer,
  type Customer,
  type RunningStack,
} from '../support/running-stack.js';

describe('partners and their customers, from the command line to the tables', () => {
  let world: RunningStack;
  let operator: string;

  beforeAll(async () => {
    world = await startRunningStack('shared', {
      GROUNDCREW_SYNC_INTERVAL_MS: '0',
      GROUNDCREW_OBSERVE_PATIENCE_MS: '600',
    });
    operator = await world.token('Operator', randomUUID());
  }, 120_000);
  afterAll(() => world.stop());

  const as =
    (token: string) =>
    (...argv: string[]): Promise<Said> =>
      groundcrew(world.stack.apiUrl, token, ...argv);

  async function strangers(kind = 'distributor') {
    const [tenant, partner, directoryTenant] = [randomUUID(), randomUUID(), randomUUID()];
    const made = await Promise.all([
      as(operator)('tenants', 'create', '--id', tenant, '--display-name', 'Contoso'),
      as(operator)(
        ...['partners', 'create', '--id', partner, '--kind', kind],
        ...['--display-name', 'Northwind', '--directory-tenant', directoryTenant],
      ),
    ]);
    expect(made.map((said) => said.exitCode)).toEqual([0, 0]);
    return {
      tenant,
      partner,
      owner: as(await world.token('Tenant.Owner', tenant)),
      administrator: as(await world.token('Device.Administrator', tenant)),
      agent: as(await world.token('Partner', directoryTenant)),
    };
  }

  it('walks a consent from the question to its end, and says of each refusal why, what code, and by the exit code', async () => {
    const { tenant, partner, owner, administrator, agent } = await strangers();
    const both = ['--partner', partner, '--tenant', tenant];
    const refused = (said: Said, code: string, sentence: string) => {
      expect(said).toMatchObject({ exitCode: 2, stdout: '' });
      expect(said.stderr).toContain(sentence);
      expect(said.stderr).toContain(`code ${code}, status`);
    };

    const before = await agent('consents', 'validate', ...both);
    expect(before.exitCode).toBe(1);
    expect(before.stdout).toMatch(/Covered\s+no\s[^]*consent\.missing[^]*has not authorised this partner/);

    const scope = ['--model', 'Book 5', '--quantity', '10'];
    const asked = await agent('consents', 'request', ...both, ...scope, '--output', 'json');
    expect(asked.exitCode).toBe(0);
    const { link, consent } = JSON.parse(asked.stdout);
    refused(await agent('consents', 'request', ...both), 'consent.already-open', 'has been asked already');
    refused(
      await administrator('consents', 'grant', link),
      'consent.needs-owner',
      'Only an owner of the tenant decides',
    );

    const shown = await owner('consents', 'show', link);
    expect(shown.exitCode).toBe(0);
    for (const fact of [
      /Asked by\s+Northwind \(distributor\)/,
      /Models\s+Book 5/,
      /Quantity\s+10/,
      /State\s+requested/,
    ]) {
      expect(shown.stdout).toMatch(fact);
    }
    const granted = await owner('consents', 'grant', link);
    expect(granted.stdout).toMatch(/State\s+granted/);
    refused(await owner('consents', 'grant', link), 'consent.link-used', 'This link was used already.');
    refused(await owner('consents', 'decline', consent.id, '--tenant', tenant), 'consent.not-open', 'not in a state');

    expect(await agent('consents', 'validate', ...both, '--model', 'book 5')).toMatchObject({ exitCode: 0 });
    const uncovered = await agent('consents', 'validate', ...both, '--model', 'Book 6', '--output', 'json');
    expect(uncovered.exitCode).toBe(1);
    expect(JSON.parse(uncovered.stdout)).toMatchObject({ covered: false, code: 'consent.model-not-covered' });

    for (const side of [
      owner('consents', 'list', '--tenant', tenant),
      agent('consents', 'list', '--partner', partner),
    ]) {
      expect((await side).stdout).toMatch(new RegExp(`${consent.id}.*granted`));
    }
    const sideless = await owner('consents', 'list');
    expect(sideless).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Name either --tenant or --partner.'),
    });

    const revoke = ['consents', 'revoke', consent.id, '--tenant', tenant, '--in-flight', 'finish_accepted'];
    expect((await owner(...revoke)).stdout).toMatch(/In flight\s+finish_accepted/);
    refused(await owner(...revoke), 'consent.not-open', 'The consent is revoked.');
    const history = await agent('consents', 'show', consent.id, '--partner', partner);
    expect(history.stdout).toMatch(/1\s+requested[^]*2\s+granted[^]*3\s+revoked/);

    const second = JSON.parse((await agent('consents', 'request', ...both, '--output', 'json')).stdout);
    expect((await owner('consents', 'decline', second.link)).stdout).toMatch(/State\s+declined/);
    refused(await owner('consents', 'show', randomUUID(), '--tenant', tenant), 'consent.not-found', 'no such consent');
  });

  it('ends as a process with the exit code that the refusal means', async () => {
    const { tenant, partner } = await strangers();
    const owner = await world.token('Tenant.Owner', tenant);
    const groundcrewMain = join(workspaceRoot, 'apps/cli/bin/groundcrew.mjs');
    const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [groundcrewMain, 'consents', 'validate', '--partner', partner, '--tenant', tenant],
        { env: { ...process.env, NODE_OPTIONS: '', GROUNDCREW_API_URL: world.stack.apiUrl, GROUNDCREW_TOKEN: owner } },
        (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }),
      );
    });
    expect(ended).toEqual({ code: 2, stderr: expect.stringContaining('code access.denied, status 403') });
  });

  it('finishes an accepted order whose consent is revoked so, and takes no other', async () => {
    const customer = await world.aCustomer();
    // Accepted, and not begun: the relay that would start it is away.
    await world.stack.apps.relay.kill('SIGKILL');
    const { id } = await world.submit(customer, await generatedLines(world, 1_500));
    const { body } = await world.call(`/tenants/${customer.tenantId}/consents`, customer.owner);
    const [consent] = body.value;
    const revoked = await as(customer.owner)(
      ...['consents', 'revoke', consent.id, '--tenant', customer.tenantId, '--in-flight', 'finish_accepted'],
    );
    expect(revoked.exitCode).toBe(0);
    await expect(world.submit(customer, devices(1).lines)).rejects.toThrow('consent.revoked');
    expect(await devicesOf(customer)).toBe(0);
    await world.stack.apps.relay.start();
    expect(await world.finished(customer, id)).toMatchObject({
      status: 'Succeeded',
      decided: 1_500,
      verdicts: { registered: 1_500 },
    });
  });

  it('withholds what is left of an order whose partner is suspended, leaves registered devices alone, and ends for good', async () => {
    const customer = await world.aCustomer();
    const { id } = await world.submit(customer, await generatedLines(world, 5_000));
    while ((await devicesOf(customer)) === 0) await pause(10);
    const { partnerId } = customer;
    const move = (status: string) => as(operator)('partners', 'change', partnerId, '--status', status);
    expect((await move('suspended')).stdout).toMatch(/Status\s+suspended/);
    const registered = await devicesOf(customer);
    expect(registered).toBeLessThan(5_000);
    const run = await world.finished(customer, id);
    expect(run).toMatchObject({ decided: 5_000, verdicts: { registered, withheld: 5_000 - registered } });
    expect(await devicesOf(customer)).toBe(registered);
    const { rows } = await world.admin.query(
      `select distinct detail->>'message' as why from registry.run_item where run_id = $1 and verdict = 'withheld'`,
      [id],
    );
    expect(rows).toEqual([{ why: 'partner.suspended' }]);

    const seen = ['partners', 'registrations', '--partner', partnerId, '--tenant', customer.tenantId, '--limit', '5'];
    expect((await as(customer.pipeline)(...seen)).stderr).toContain('code partner.suspended, status 403');
    expect((await move('active')).exitCode).toBe(0);
    const listed = await as(customer.pipeline)(...seen, '--output', 'jsonl');
    expect(
      listed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).registeredBy),
    ).toEqual(Array(5).fill('you'));
    expect((await move('ended')).exitCode).toBe(0);
    const again = await move('active');
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('code partner.status-unreachable, status 409');
    expect((await as(customer.pipeline)('partners', 'list')).stdout).toMatch(new RegExp(`${partnerId}.*ended`));
  });

  it('registers files of partners of every kind for one customer, and leaves what the customer registered itself as it is', async () => {
    const kinds = ['oem', 'direct_bill', 'indirect_provider', 'indirect_reseller', 'distributor'];
    const customer = await world.aCustomer();
    const tenant = customer.tenantId;
    const { fleet } = devices(2 * kinds.length + 1);
    const own = fleet.at(-1)!;
    const imported = await send(`/tenants/${tenant}/imports`, customer.administrator, csv([own]));
    expect(imported.status).toBe(202);
    await closed(imported.body.id, customer.administrator);

    const partners = await Promise.all(
      kinds.map(async (kind, index) => {
        const [id, directoryTenant] = [randomUUID(), randomUUID()];
        const named = ['--display-name', kind, '--directory-tenant', directoryTenant];
        expect((await as(operator)('partners', 'create', '--id', id, '--kind', kind, ...named)).exitCode).toBe(0);
        expect((await as(customer.owner)('consents', 'grant', '--tenant', tenant, '--partner', id)).exitCode).toBe(0);
        const token = await world.token('Partner', directoryTenant);
        const rows = [...fleet.slice(2 * index, 2 * index + 2), own];
        const order = await send(`/partners/${id}/orders?tenantId=${tenant}&groupTag=${kind}`, token, csv(rows));
        return { kind, id, token, serials: rows.slice(0, 2).map((row) => row.serialNumber), runId: order.body.id };
      }),
    );
    for (const { runId, token } of partners) {
      expect(await closed(runId, token)).toMatchObject({ verdicts: { registered: 2, already_registered: 1 } });
      const items = await world.call(`/operations/${runId}/items?verdict=already_registered`, token);
      expect(items.body.value).toMatchObject([
        { line: 4, number: 806, deviceId: null, next: expect.stringContaining('it deregisters the device') },
      ]);
    }
    const everybodys = partners.flatMap(({ serials }) => serials).sort();
    for (const { id, token, kind } of [partners[0]!, partners[3]!]) {
      const seen = await as(token)(
        'partners',
        'registrations',
        '--partner',
        id,
        '--tenant',
        tenant,
        '--output',
        'json',
      );
      const listed = JSON.parse(seen.stdout) as { serialNumber: string; registeredBy: string; groupTag: string }[];
      expect(listed.map((device) => device.serialNumber).sort()).toEqual(everybodys);
      const mine = listed.filter((device) => device.registeredBy === 'you');
      expect(mine.map((device) => device.groupTag)).toEqual([kind, kind]);
    }
    const { rows } = await world.admin.query(
      'select registrar_kind, source_run_id, version from registry.device where tenant_id = $1 and serial_number = $2',
      [tenant, own.serialNumber],
    );
    expect(rows).toEqual([{ registrar_kind: 'tenant', source_run_id: imported.body.id, version: 1 }]);
  });

  it('takes a device out that the customer registered itself, and then a partner registers it', async () => {
    const customer = await world.aCustomer();
    const { tenantId, partnerId, administrator, owner, pipeline } = customer;
    const { fleet } = devices(1);
    const imported = await send(`/tenants/${tenantId}/imports`, administrator, csv(fleet));
    await closed(imported.body.id, administrator);
    const orders = `/partners/${partnerId}/orders?tenantId=${tenantId}`;
    const refused = await closed((await send(orders, pipeline, csv(fleet))).body.id, pipeline);
    expect(refused.verdicts).toEqual({ already_registered: 1 });

    const deregistrations = `/tenants/${tenantId}/deregistrations`;
    const plan = await post(`${deregistrations}?dryRun=true`, owner, {
      reason: 'correction',
      serialNumbers: [fleet[0]!.serialNumber],
    });
    expect(plan.status).toBe(201);
    const run = await post(deregistrations, owner, { planId: plan.body.id });
    expect(await closed(run.body.id, owner)).toMatchObject({ status: 'Succeeded' });

    const taken = await closed((await send(orders, pipeline, csv(fleet))).body.id, pipeline);
    expect(taken.verdicts).toEqual({ registered: 1 });
    expect(await seenBy(customer)).toEqual([fleet[0]!.serialNumber]);
  });

  it('takes registrations of any partner away for a partner, and nothing of what the customer registered itself', async () => {
    const customer = await world.aCustomer();
    const { tenantId, administrator, owner } = customer;
    const { fleet } = devices(4);
    const imported = await send(`/tenants/${tenantId}/imports`, administrator, csv(fleet.slice(3)));
    await closed(imported.body.id, administrator);
    const orders = `/partners/${customer.partnerId}/orders?tenantId=${tenantId}`;
    await closed((await send(orders, customer.pipeline, csv(fleet.slice(0, 3)))).body.id, customer.pipeline);
    const idOf = async (serialNumber: string) =>
      (
        await world.admin.query('select id from registry.device where tenant_id = $1 and serial_number = $2', [
          tenantId,
          serialNumber,
        ])
      ).rows[0].id as string;
    const ids = await Promise.all(fleet.map(({ serialNumber }) => idOf(serialNumber)));

    const [partnerId, directoryTenant] = [randomUUID(), randomUUID()];
    const named = ['--display-name', 'Reseller', '--directory-tenant', directoryTenant];
    await as(operator)('partners', 'create', '--id', partnerId, '--kind', 'indirect_reseller', ...named);
    const agent = await world.token('Partner', directoryTenant);
    const path = `/partners/${partnerId}/deregistrations`;
    const planFor = (deviceIds: string[]) =>
      post(`${path}?dryRun=true`, agent, { tenantId, reason: 'correction', deviceIds });
    expect((await planFor(ids.slice(0, 2))).body.code).toBe('consent.missing');
    expect((await as(owner)('consents', 'grant', '--tenant', tenantId, '--partner', partnerId)).exitCode).toBe(0);

    const unknown = await planFor(ids);
    expect(unknown.body).toMatchObject({ code: 'plan.unknown-devices', errors: [{ pointer: `/devices/${ids[3]}` }] });
    const cli = ['partners', 'deregister', '--partner', partnerId, '--tenant', tenantId];
    const planned = await as(agent)(...cli, ...ids.slice(0, 2), '--reason', 'correction', '--output', 'json');
    expect(planned.exitCode).toBe(0);
    const plan = JSON.parse(planned.stdout);
    expect(plan).toMatchObject({
      path: 'partner',
      partnerId,
      devices: 2,
      remains: ['enrolment', 'directory_object'],
    });
    expect((await post(path, customer.pipeline, { tenantId, planId: plan.id })).status).toBe(404);
    const foreign = `/partners/${customer.partnerId}/deregistrations`;
    expect((await post(foreign, customer.pipeline, { tenantId, planId: plan.id })).body.code).toBe('plan.not-found');
    const executed = await as(agent)(...cli, '--plan', plan.id, '--output', 'json');
    expect(executed).toMatchObject({ exitCode: 0, stderr: '' });
    const run = JSON.parse(executed.stdout);
    expect(run).toMatchObject({ kind: 'deregistration', partnerId });
    expect(await closed(run.id, agent)).toMatchObject({ status: 'Succeeded' });
    expect(await seenBy({ tenantId, partnerId, pipeline: agent })).toEqual([fleet[2]!.serialNumber]);
    const left = await world.admin.query('select id from registry.device where tenant_id = $1', [tenantId]);
    expect(left.rows.map((row) => row.id).sort()).toEqual(ids.slice(2).sort());

    // Suspended between the plan's execution and its chunk: the device keeps its registration, and a person decides.
    const late = await planFor(ids.slice(2, 3));
    await world.stack.apps.relay.kill('SIGKILL');
    const stopped = await post(path, agent, { tenantId, planId: late.body.id });
    expect((await as(operator)('partners', 'change', partnerId, '--status', 'suspended')).exitCode).toBe(0);
    await world.stack.apps.relay.start();
    for (const deadline = Date.now() + 30_000; ; await pause(50)) {
      const { body } = await world.call(`/operations/${stopped.body.id}/devices`, owner);
      if (body.value?.[0]?.state === 'needs_attention') {
        expect(body.value).toMatchObject([
          { deviceId: ids[2], code: 'not_authorised', difference: 'partner.suspended' },
        ]);
        break;
      }
      if (Date.now() > deadline) throw new Error(`nobody was asked: ${JSON.stringify(body)}`);
    }
    expect(await idOf(fleet[2]!.serialNumber)).toBe(ids[2]);
  });

  /** A file in Partner Center's form. */
  function csv(rows: FleetDevice[]): string {
    return [
      'Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model',
      ...rows.map((row) => `${row.serialNumber},,${row.hardwareIdentifier},"${row.manufacturer}","${row.model}"`),
    ].join('\r\n');
  }

  const request = (path: string, token: string, body: string, type: string): Promise<Answer> =>
    world.call(path, token, {
      method: 'POST',
      body,
      headers: { 'content-type': type, 'idempotency-key': randomUUID() },
    });
  const send = (path: string, token: string, body: string) => request(path, token, body, 'text/csv');
  const post = (path: string, token: string, body: object) =>
    request(path, token, JSON.stringify(body), 'application/json');

  /** The serial numbers that a partner finds of a customer. */
  async function seenBy({ tenantId, partnerId, pipeline }: Pick<Customer, 'tenantId' | 'partnerId' | 'pipeline'>) {
    const { body } = await world.call(`/partners/${partnerId}/registrations?tenantId=${tenantId}`, pipeline);
    return (body.value as { serialNumber: string }[]).map((device) => device.serialNumber).sort();
  }

  async function closed(runId: string, token: string): Promise<RunView> {
    for (const deadline = Date.now() + 60_000; ; await pause(50)) {
      const { body } = await world.call(`/operations/${runId}`, token);
      if (body.done === true) return body as RunView;
      if (Date.now() > deadline) throw new Error(`run ${runId} did not end: ${JSON.stringify(body)}`);
    }
  }

  async function devicesOf(customer: Customer): Promise<number> {
    const { rows } = await world.admin.query(
      'select count(*)::int as devices from registry.device where tenant_id = $1',
      [customer.tenantId],
    );
    return rows[0].devices;
  }
});
