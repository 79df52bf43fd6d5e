import { generateFleet, type FleetDevice } from '@groundcrew/fleet';
import { enrolDevices, type EnrolledDevice } from '@groundcrew/subsystems';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { defaultRunPolicy } from '@groundcrew/workflows';
import { hashOf, workshop } from '../support/hardware.js';
import { makeDevice, type Device } from '../../tools/fleet/src/device.js';
import { pause, startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';

/** Enrolled devices that a profile converts, from the schedule's turn to the tagged object. */
describe('automatic registration', () => {
  let world: RunningStack;
  let neighbours: pg.Pool;
  let connection: Connection;
  let customer: Customer;

  beforeAll(async () => {
    world = await startRunningStack('shared');
    neighbours = new pg.Pool({ connectionString: world.stack.databaseUrls.neighbours, max: 2 });
    connection = await Connection.connect({ address: world.stack.temporalAddress });
    customer = await world.aCustomer();
  });
  afterAll(async () => {
    await connection.close();
    await neighbours.end();
    await world.stop();
  });

  /** What the schedule does when its time has come. */
  async function takeTurn(): Promise<void> {
    const { rows } = await world.admin.query<{ name: string }>('select current_database() as name');
    const client = new Client({ connection, namespace: world.stack.temporalNamespace });
    const policy = { ...defaultRunPolicy, firstRetryMs: 50, longestRetryMs: 500 };
    const taskQueue = `${rows[0]!.name}-bulk`;
    const workflowId = `conversions-${randomUUID()}`;
    await client.workflow.execute('scheduledConversions', { taskQueue, workflowId, args: [policy] });
  }

  const registered = async () =>
    (
      await world.admin.query<{ id: string; serial_number: string; registrar_kind: string; objects: object[] }>(
        `select d.id, d.serial_number, d.registrar_kind, o.id as object, o.trust_type, o.physical_ids
         from registry.device d left join directory.device_object o on o.registration_id = d.id
         where d.tenant_id = $1 order by d.serial_number`,
        [customer.tenantId],
      )
    ).rows;
  const enrolling = (device: FleetDevice, more: object = {}) => ({
    serialNumber: device.serialNumber!,
    manufacturer: device.manufacturer!,
    model: device.model!,
    hardwareHash: device.hardwareIdentifier!,
    ...more,
  });
  const settings = { deviceType: 'windowsPc', deploymentMode: 'userDriven', joinType: 'azureADJoined' };

  /** A profile for all devices of a customer, which converts them. */
  async function convertAll({ tenantId }: Customer): Promise<string> {
    const profileId = randomUUID();
    await world.admin.query(
      `insert into registry.profile (tenant_id, id, display_name, settings) values ($1, $2, 'Converts', $3)`,
      [tenantId, profileId, JSON.stringify({ ...settings, hardwareHashExtractionEnabled: true })],
    );
    await world.admin.query(
      `insert into registry.profile_assignment (tenant_id, profile_id, target, intent) values ($1, $2, 'all_devices', 'include')`,
      [tenantId, profileId],
    );
    return profileId;
  }
  const runs = async ({ tenantId }: Customer) =>
    (
      await world.admin.query<{ state: string }>(
        `select state, counts from registry.run where tenant_id = $1 and kind = 'automatic_registration' order by id`,
        [tenantId],
      )
    ).rows;

  async function allRunsOver(whose: Customer, count: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const found = await runs(whose);
      if (found.length === count && found.every(({ state }) => state === 'completed')) return;
      if (Date.now() > deadline) throw new Error(`the runs did not end: ${JSON.stringify(found)}`);
      await pause(50);
    }
  }

  it('registers candidates where a profile converts them, tags their joined objects, and leaves the others alone', async () => {
    const fleet = [...generateFleet({ seed: 15_001, devices: 6 })];
    const [plain, hybrid, personal, optedOut, old] = fleet as [
      FleetDevice,
      FleetDevice,
      FleetDevice,
      FleetDevice,
      FleetDevice,
    ];
    const enrolled: EnrolledDevice[] = await enrolDevices(neighbours, customer.tenantId, [
      enrolling(plain, { os: { family: 'windows', version: '10.0.19045.1' } }),
      enrolling(hybrid, { join: 'ServerAd', os: { family: 'windows', version: '10.0.19045.1' } }),
      enrolling(personal, { ownership: 'personal' }),
      enrolling(optedOut),
      enrolling(old, { os: { family: 'windows', version: '10.0.17134.1' } }),
    ]);
    await world.admin.query(
      `insert into registry.opted_out_device (tenant_id, device_id, serial_number, run_id) values ($1, $2, $3, $4)`,
      [customer.tenantId, randomUUID(), optedOut.serialNumber, randomUUID()],
    );

    await takeTurn();
    expect(await runs(customer)).toEqual([]);

    const profileId = await convertAll(customer);
    await takeTurn();
    await allRunsOver(customer, 1);
    const expected = [
      { device: plain, objectId: enrolled[0]!.directoryObjectId, trust: 'AzureAd' },
      { device: hybrid, objectId: enrolled[1]!.directoryObjectId, trust: 'ServerAd' },
    ].sort((left, right) => (left.device.serialNumber! < right.device.serialNumber! ? -1 : 1));
    expect(await registered()).toEqual(
      expected.map(({ device, objectId, trust }) => ({
        id: expect.any(String),
        serial_number: device.serialNumber,
        registrar_kind: 'automatic',
        object: objectId,
        trust_type: trust,
        physical_ids: [expect.stringMatching(/^\[ZTDID\]:/)],
      })),
    );
    // What management said of their platform goes before what their hashes say; of the TPM it knows nothing.
    const { rows: platforms } = await world.admin.query(
      `select f.managed_os_family, f.managed_device_type, d.hash_os_family from registry.device d
       join registry.device_facts f on f.tenant_id = d.tenant_id and f.device_id = d.id where d.tenant_id = $1`,
      [customer.tenantId],
    );
    const platform = {
      managed_os_family: 'windows_10',
      managed_device_type: 'windowsPc',
      hash_os_family: 'windows_11',
    };
    expect(platforms).toEqual([platform, platform]);

    // Another turn finds nothing more; without the setting nobody is registered, and nobody is deregistered.
    await takeTurn();
    await world.admin.query('update registry.profile set settings = $2 where id = $1', [
      profileId,
      JSON.stringify(settings),
    ]);
    await enrolDevices(neighbours, customer.tenantId, [enrolling(fleet[5]!)]);
    await takeTurn();
    expect(await runs(customer)).toHaveLength(1);
    expect(await registered()).toHaveLength(2);
  });

  it('asks a device of which other hardware was seen what it is, also where no profile converts any', async () => {
    const other = await world.aCustomer();
    const made = (index: number) => makeDevice({ seed: 15_002, index }, 'realistic');
    const withTpm = Array.from({ length: 100 }, (_, index) => made(index)).filter(({ board }) => board.tpm !== null);
    const [same, changed] = withTpm as [Device, Device];
    const boards = { same: workshop.newBoard(same), changed: workshop.newBoard(changed) };
    const rows = (...hashes: string[]) => hashes.map((hardwareIdentifier) => JSON.stringify({ hardwareIdentifier }));
    const order = await world.submit(other, rows(hashOf(same), hashOf(changed)));
    await world.finished(other, order.id);
    const again = await world.submit(other, rows(hashOf(boards.same), hashOf(boards.changed)));
    expect(await world.finished(other, again.id)).toMatchObject({ verdicts: { needs_review: 2 } });
    const shown = async () =>
      (await world.call(`/tenants/${other.tenantId}/devices`, other.administrator)).body.value.map(
        ({ profile }: { profile: { state: string } }) => profile.state,
      ) as string[];
    expect(await shown()).toEqual(['fix_pending', 'fix_pending']);

    const { rows: registered } = await world.admin.query<{ id: string; serial_number: string }>(
      'select id, serial_number from registry.device where tenant_id = $1 order by source_line',
      [other.tenantId],
    );
    await enrolDevices(
      neighbours,
      other.tenantId,
      [hashOf(same, 1_790_000_000), hashOf(boards.changed, 1_790_000_000)].map((hardwareHash, index) => ({
        registrationId: registered[index]!.id,
        serialNumber: registered[index]!.serial_number,
        hardwareHash,
      })),
    );
    await takeTurn();
    expect((await shown()).sort()).toEqual(['attention_required', 'unassigned']);
    const path = `/tenants/${other.tenantId}/devices/${registered[1]!.id}/assignment`;
    const { body } = await world.call(path, other.administrator);
    expect(body.current).toMatchObject({ state: 'attention_required', hardwareChangedAt: expect.any(String) });
    expect(body.sentence).toContain('deregister the device, and register it with its new hash');
  });

  it('of a school’s devices: they enrol and show as the school’s', async () => {
    const school = await world.aCustomer();
    await world.admin.query(`update registry.tenant set kind = 'school' where id = $1`, [school.tenantId]);
    const [device] = [...generateFleet({ seed: 15_003, devices: 1 })];
    const row = JSON.stringify({ hardwareIdentifier: device!.hardwareIdentifier });
    await world.finished(school, (await world.submit(school, [row])).id);
    const [shown] = (await world.call(`/tenants/${school.tenantId}/devices`, school.administrator)).body.value;
    expect(shown.ownership).toBe('school_owned');
    await enrolDevices(neighbours, school.tenantId, [{ registrationId: shown.id, serialNumber: shown.serialNumber }]);
    const { rows } = await world.admin.query(
      'select ownership from management.managed_device where registration_id = $1',
      [shown.id],
    );
    expect(rows).toEqual([{ ownership: 'school' }]);
  });

  it('takes all customers in one turn, and leaves a device alone that a run opted out; no scan calls that an orphan', async () => {
    const neighbour = await world.aCustomer();
    customer = await world.aCustomer();
    const { tenantId, owner } = customer;
    const [own, theirs] = generateFleet({ seed: 15_004, devices: 2 });
    await enrolDevices(neighbours, tenantId, [enrolling(own!)]);
    await enrolDevices(neighbours, neighbour.tenantId, [enrolling(theirs!)]);
    await convertAll(neighbour);
    await convertAll(customer);
    await takeTurn();
    await allRunsOver(neighbour, 1);
    await allRunsOver(customer, 1);
    const [before] = await registered();

    const send = async (path: string, body: object) => {
      const answer = await world.call(`/tenants/${tenantId}/${path}`, owner, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      });
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body.id as string;
    };
    const over = (runId: string) => world.finished({ ...customer, pipeline: owner }, runId);
    const planId = await send('deregistrations?dryRun=true', { reason: 'opt_out', deviceIds: [before!.id] });
    expect(await over(await send('deregistrations', { planId }))).toMatchObject({ verdicts: { deregistered_kept: 1 } });
    const stays = await world.admin.query('select 1 from management.managed_device where tenant_id = $1', [tenantId]);
    expect(stays.rows).toHaveLength(1);

    await takeTurn();
    expect(await registered()).toEqual([]);
    await over(await send('orphanScans', {}));
    expect((await world.call(`/tenants/${tenantId}/orphans`, owner)).body.value).toEqual([]);

    // Nothing but its opt-out keeps it away.
    await world.admin.query('delete from registry.opted_out_device where tenant_id = $1', [tenantId]);
    await takeTurn();
    await allRunsOver(customer, 2);
    expect(await registered()).toHaveLength(1);
  });
});
