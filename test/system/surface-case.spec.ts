import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateFleet, type FleetDevice } from '@groundcrew/fleet';
import { randomUUID } from 'node:crypto';
import { startRunningStack, type Customer, type RunningStack } from '../support/running-stack.js';

describe('a case for Surface devices, from the request to the tables', () => {
  let world: RunningStack;
  let customer: Customer;
  let operator: string;

  beforeAll(async () => {
    world = await startRunningStack('shared');
    customer = await world.aCustomer();
    operator = await world.token('Operator', randomUUID());
  }, 120_000);
  afterAll(() => world.stop());

  const post = (path: string, token: string, body: string, type = 'application/json') =>
    world.call(path, token, {
      method: 'POST',
      body,
      headers: { 'content-type': type, 'idempotency-key': randomUUID() },
    });
  const open = async (serialNumbers: string[]) => {
    const proof = { mediaType: 'application/pdf', content: Buffer.from('%PDF-1.7 an invoice').toString('base64') };
    const asked = { domain: 'contoso.example', serialNumbers: serialNumbers.join('\n'), proofOfOwnership: proof };
    const opened = await post(`/tenants/${customer.tenantId}/surfaceCases`, customer.owner, JSON.stringify(asked));
    expect(opened).toMatchObject({ status: 201, body: { state: 'requested', operationId: null } });
    return opened.body.id as string;
  };

  it('is approved and registers what the maker has on file, or is declined and says why', async () => {
    const surfaces: FleetDevice[] = [];
    for (const device of generateFleet({ seed: 900, devices: 600 })) {
      if (device.model.startsWith('Surface ') && surfaces.push(device) === 12) break;
    }
    const maker = await world.aCustomer();
    const upload = await post(
      `/partners/${maker.partnerId}/hardwareReports`,
      maker.pipeline,
      surfaces.map((device) => JSON.stringify(device)).join('\n'),
      'application/jsonl',
    );
    expect(await world.finished(maker, upload.body.id)).toMatchObject({ verdicts: { uploaded: 12 } });

    const serialNumbers = surfaces.map((device) => device.serialNumber);
    const id = await open([...serialNumbers, 'NEVERMADE01']);
    const approved = await post(`/surfaceCases/${id}/approvals`, operator, '{}');
    expect(approved).toMatchObject({ status: 202, body: { kind: 'surface_case', received: 13 } });
    const owner = { ...customer, pipeline: customer.owner };
    const run = await world.finished(owner, approved.body.id);
    expect(run).toMatchObject({ status: 'Succeeded', verdicts: { registered: 12, not_on_file: 1 } });
    const unknown = (await world.items(owner, run.id)).find((item) => item.verdict === 'not_on_file');
    expect(unknown).toMatchObject({ line: 13, number: 812, code: 'surface.not-on-file' });
    const { rows } = await world.admin.query(
      `select d.serial_number, d.registrar_kind, o.display_name
       from registry.device d join registry.device_directory_object w on w.device_id = d.id
       join directory.device_object o on o.id = w.object_id where d.tenant_id = $1 order by d.source_line`,
      [customer.tenantId],
    );
    expect(rows).toEqual(
      serialNumbers.map((serial) => ({ serial_number: serial, registrar_kind: 'tenant', display_name: serial })),
    );

    const again = await open(['NEVERMADE02']);
    const reason = JSON.stringify({ reason: 'The invoice names another company.' });
    expect((await post(`/surfaceCases/${again}/declines`, operator, reason)).status).toBe(200);
    expect((await world.call(`/surfaceCases/${again}`, customer.owner)).body).toMatchObject({
      state: 'declined',
      reason: 'The invoice names another company.',
      operationId: null,
    });
  }, 90_000);
});
