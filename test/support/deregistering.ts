import { createBuiltInManagement, enrolDevices } from '@groundcrew/subsystems';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { devices, pause, type Customer, type RunningStack } from './running-stack.js';

/** Devices of one customer: a third enrolled and joined, a third hybrid, a third that never started; most are meant for somebody. */
export interface DeregisteringFleet {
  customer: Customer;
  deviceIds: string[];
}

/** What a test does to a deregistration, as an administrator would, in a service that may be away for a moment. */
export interface Deregistering {
  aFleet(count: number): Promise<DeregisteringFleet>;
  /** Plans and executes. @returns the run */
  begin(fleet: DeregisteringFleet): Promise<string>;
  cancel(fleet: DeregisteringFleet, runId: string): Promise<void>;
  /**
   * Waits for the end; what needs a person is looked at and tried again, and given up in the end.
   *
   * @param mend what the person does before
   * @returns what needed a person
   */
  end(fleet: DeregisteringFleet, runId: string, patienceMs: number, mend?: () => Promise<void>): Promise<Attention[]>;
  neighbours: pg.Pool;
  close(): Promise<void>;
}

/** A device that needed a person, and what was said about it. */
export interface Attention {
  deviceId: string;
  code: string;
  difference: string | null;
}

const mostRetries = 3;

export function openDeregistering(world: RunningStack): Deregistering {
  const neighbours = new pg.Pool({
    connectionString: world.stack.databaseUrls.neighbours,
    max: 3,
    connectionTimeoutMillis: 5_000,
  });
  neighbours.on('error', () => undefined);

  /** Repeats a call while the API is away; the key makes that harmless. */
  const send = async (path: string, token: string, body: object): Promise<{ id: string }> => {
    const key = randomUUID();
    for (const deadline = Date.now() + 60_000; ; await pause(200)) {
      const answer = await world
        .call(path, token, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
        })
        .catch((error: Error) => ({ status: 503, body: { reason: error.message } }));
      if (answer.status < 300) return answer.body;
      const passes = [409, 429, 500, 502, 503].includes(answer.status) && answer.body.code !== 'plan.reality-moved';
      if (!passes || Date.now() > deadline)
        throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  };

  return {
    neighbours,
    async aFleet(count) {
      const customer = await world.aCustomer();
      const { id } = await world.submit(customer, devices(count, { groupTag: 'Kiosk' }).lines);
      await world.finished(customer, id, 90_000);
      const { rows } = await world.admin.query<{ id: string; serial_number: string }>(
        'select id, serial_number from registry.device where tenant_id = $1 order by id',
        [customer.tenantId],
      );
      const started = rows.filter((_, index) => index % 3 !== 2);
      await enrolDevices(
        neighbours,
        customer.tenantId,
        started.map((device, index) => ({
          registrationId: device.id,
          serialNumber: device.serial_number,
          join: index % 2 === 0 ? 'AzureAd' : 'ServerAd',
        })),
      );
      const management = createBuiltInManagement(neighbours, { syncIntervalMs: 0 });
      const key = `fleet/${customer.tenantId}`;
      await management.assignUsers(
        key,
        customer.tenantId,
        rows
          .filter((_, index) => index % 4 !== 3)
          .map((device) => ({
            registrationId: device.id,
            userId: randomUUID(),
            principalName: `${device.serial_number}@contoso.example`,
          })),
      );
      while (!(await management.observe(key, customer.tenantId)).applied) await pause(20);
      // It lists what is registered, as after any day's sync.
      await management.sync(`${key}/sync`, customer.tenantId);
      while ((await management.readSync(customer.tenantId)).running) await pause(20);
      return { customer, deviceIds: rows.map((device) => device.id) };
    },

    async begin({ customer, deviceIds }) {
      const path = `/tenants/${customer.tenantId}/deregistrations`;
      const plan = await send(`${path}?dryRun=true`, customer.owner, { reason: 'end_of_life', deviceIds });
      // Above the threshold another person agrees.
      const colleague = await world.stack.mintToken({
        role: 'Device.Administrator',
        tid: customer.tenantId,
        oid: randomUUID(),
      });
      await send(`/tenants/${customer.tenantId}/deregistrationPlans/${plan.id}/approvals`, colleague, {});
      return (await send(path, customer.owner, { planId: plan.id })).id;
    },

    async cancel({ customer }, runId) {
      await send(`/operations/${runId}/cancellations`, customer.owner, {}).catch((error: Error) => {
        // It was faster.
        if (!/operation\.closed/.test(error.message)) throw error;
      });
    },

    async end({ customer }, runId, patienceMs, mend = () => Promise.resolve()) {
      const seen: Attention[] = [];
      let retries = 0;
      for (const deadline = Date.now() + patienceMs; ; await pause(50)) {
        const { body } = await world.call(`/operations/${runId}`, customer.owner).catch(() => ({ body: null }));
        if (body?.done === true) return seen;
        if (Date.now() > deadline) throw new Error(`run ${runId} did not end: ${JSON.stringify(body)}`);
        if (body?.subStatus !== 'NeedsAttention') continue;
        const { rows } = await world.admin
          .query<{ device_id: string; code: string; difference: string | null }>(
            `select device_id, code, difference from registry.deregistration_device where run_id = $1 and state = 'needs_attention'`,
            [runId],
          )
          .catch(() => ({ rows: [] }));
        seen.push(...rows.map((row) => ({ deviceId: row.device_id, code: row.code, difference: row.difference })));
        await mend();
        for (const code of new Set(rows.map((row) => row.code))) {
          // What management has let go of does not come back by asking again; what was late may.
          const isGone = rows.every(
            (row) => row.code !== code || row.difference?.includes('removed its record') === true,
          );
          const isLost = (code === 'not_as_before' && isGone) || retries >= mostRetries;
          await send(`/operations/${runId}/deviceResolutions`, customer.owner, {
            code,
            ...(isLost ? { decision: 'abandon', reason: 'it enrols again' } : { decision: 'retry' }),
          }).catch((error: Error) => {
            if (!/nothing-to-resolve|operation\.closed/.test(error.message)) throw error;
          });
        }
        retries += 1;
        await pause(200);
      }
    },

    close: () => neighbours.end(),
  };
}
