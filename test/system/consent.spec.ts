import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pause, readEvents, startRunningStack, type RunningStack } from '../support/running-stack.js';

describe('a consent with real timers made short', () => {
  let world: RunningStack;

  beforeAll(async () => {
    world = await startRunningStack('shared', {
      GROUNDCREW_CONSENT_REMINDER_MS: '1500',
      GROUNDCREW_CONSENT_EXPIRY_MS: '5000',
      GROUNDCREW_HEARTBEAT_MS: '2500',
    });
  }, 120_000);
  afterAll(() => world.stop());

  async function asked() {
    const [tenantId, partnerId, directoryTenantId] = [randomUUID(), randomUUID(), randomUUID()];
    const operator = await world.token('Operator', randomUUID());
    await world.post('/tenants', operator, { id: tenantId, displayName: 'Contoso' });
    await world.post('/partners', operator, {
      id: partnerId,
      kind: 'oem',
      displayName: 'Northwind',
      directoryTenantId,
    });
    const pipeline = await world.token('Oem.Pipeline', directoryTenantId);
    const { body } = await world.post(`/partners/${partnerId}/consentRequests`, pipeline, { tenantId });
    return {
      owner: await world.token('Tenant.Owner', tenantId),
      pipeline,
      link: new URL(body.link).pathname.replace('/v1', '') as string,
      runId: body.operation.id as string,
      record: `/partners/${partnerId}/consents/${body.consent.id}`,
    };
  }
  async function historyWhenDone({ runId, record, pipeline }: Awaited<ReturnType<typeof asked>>): Promise<string[]> {
    for (const deadline = Date.now() + 40_000; ; await pause(50)) {
      if ((await world.call(`/operations/${runId}`, pipeline)).body.status === 'Succeeded') break;
      if (Date.now() > deadline) throw new Error('the run did not end');
    }
    return (await world.call(record, pipeline)).body.history.map((event: { kind: string }) => event.kind);
  }

  it('that nobody decides reminds, and expires', async () => {
    const request = await asked();
    const history = await historyWhenDone(request);
    // Reminders that fell due before the run began are not caught up, so a slow start leaves out the first.
    const reminders = history.slice(1, -1);
    expect([history[0], history.at(-1)]).toEqual(['requested', 'expired']);
    expect(reminders).toEqual(Array(reminders.length).fill('reminded'));
    expect([1, 2, 3]).toContain(reminders.length);
    expect((await world.post(`${request.link}/grant`, request.owner)).body.code).toBe('consent.link-used');
  });

  it('that is granted ends its run, and reminds nobody any more', async () => {
    const request = await asked();
    expect((await world.post(`${request.link}/grant`, request.owner)).status).toBe(200);
    expect(await historyWhenDone(request)).toEqual(['requested', 'granted']);
    // A run like any other, and both sides read the same of it.
    const url = `${world.stack.apiUrl}/v1/operations/${request.runId}`;
    const [forOwner, forPartner] = await Promise.all(
      [request.owner, request.pipeline].map((token) => readEvents(`${url}/events`, token)),
    );
    expect(forOwner).toEqual(forPartner);
    expect(forOwner!.map(({ event }) => event.kind)).toEqual(['run.accepted', 'run.started', 'run.completed']);
    expect(forOwner!.at(-1)!.event.data).toMatchObject({ outcome: 'granted' });
  });

  it('goes on when the worker dies between a reminder and the decision', async () => {
    const request = await asked();
    while ((await world.call(request.record, request.pipeline)).body.reminders < 1) await pause(30);
    await world.stack.apps.worker.kill('SIGKILL');
    expect((await world.post(`${request.link}/grant`, request.owner)).status).toBe(200);
    await world.stack.apps.worker.start();
    expect(await historyWhenDone(request)).toEqual(['requested', 'reminded', 'granted']);
  });
});
