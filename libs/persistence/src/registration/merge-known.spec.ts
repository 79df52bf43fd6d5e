import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { aCandidate, digestOf, type Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import type { Candidate } from './chunk-decision.js';
import { registerChunk } from './register-chunk.js';
import { settleChunk } from './settle-chunk.js';

describe('a row that is sent again', () => {
  let registry: Registry;
  let worker: pg.Pool;
  registrySuite('worker', 4, (opened) => {
    ({ registry, pool: worker } = opened);
  });

  interface Sender {
    tenantId: string;
    partnerId: string | null;
  }
  async function aPartner(tenantId: string): Promise<Sender> {
    const partnerId = await registry.aPartner();
    await registry.aConsent(tenantId, partnerId);
    return { tenantId, partnerId };
  }
  async function aTenant(): Promise<string> {
    const tenantId = await registry.aTenant();
    await registry.admin.query(
      `insert into registry.tenant_domain (tenant_id, name, added_by) values ($1, 'contoso.com', 'test')`,
      [tenantId],
    );
    return tenantId;
  }

  /** Sends one row for a piece of hardware; what became of the row, and the device that it registered. */
  async function send(sender: Sender, hardware: string, says: Partial<Candidate>, validateOnly = false) {
    const runId = await registry.anOrder({ ...sender, parts: [['{}']], validateOnly });
    const key = { runId, tenantId: sender.tenantId, chunk: 1 };
    const candidate = aCandidate(1, { claims: [{ kind: 'manufacturer_serial', digest: digestOf(hardware) }], ...says });
    const { awaiting } = await registerChunk(worker, key, { candidates: [candidate], rejected: [] }, registry.sealer);
    if (awaiting > 0) {
      const objects = new Map([[candidate.deviceId, randomUUID()]]);
      await settleChunk(worker, key, { objects, refused: new Map() }, registry.sealer);
    }
    const { rows } = await registry.admin.query('select verdict, detail from registry.run_item where run_id = $1', [
      runId,
    ]);
    return { runId, deviceId: candidate.deviceId, ...rows[0] };
  }
  const device = async (id: string) =>
    (
      await registry.admin.query(
        `select d.group_tag as tag, d.purchase_order as "order", d.version, g.assigned_user as "user", g.display_name as name
         from registry.device d left join registry.device_designation g on g.device_id = d.id where d.id = $1`,
        [id],
      )
    ).rows[0];
  const asked = async (tenantId: string) => ({
    assignments: (
      await registry.admin.query('select subject, device_ids from registry.assignment_cause where tenant_id = $1', [
        tenantId,
      ])
    ).rows,
    retags: (await registry.admin.query('select device_id from registry.device_retag where tenant_id = $1', [tenantId]))
      .rows,
  });
  const user = { assignedUser: 'ada@contoso.com', displayName: null };

  it('by the same partner is merged into the device: what it does not name stays', async () => {
    const tenantId = await aTenant();
    const partner = await aPartner(tenantId);
    const hardware = randomUUID();
    const first = await send(partner, hardware, { groupTag: 'Kiosk', purchaseOrder: 'PO-1' });
    const again = await send(partner, hardware, { groupTag: 'Desk', designation: user });
    expect(again).toMatchObject({
      verdict: 'already_registered',
      detail: { deviceId: first.deviceId, message: 'Changed as the row says: group tag, assigned user.' },
    });
    expect(await device(first.deviceId)).toEqual({
      tag: 'Desk',
      order: 'PO-1',
      version: 2,
      user: 'ada@contoso.com',
      name: null,
    });
    await send(partner, hardware, { designation: { assignedUser: null, displayName: 'Desk-1' } });
    expect(await device(first.deviceId)).toMatchObject({
      tag: 'Desk',
      version: 3,
      user: 'ada@contoso.com',
      name: 'Desk-1',
    });
    expect(await asked(tenantId)).toEqual({
      assignments: expect.arrayContaining([{ subject: again.runId, device_ids: [first.deviceId] }]),
      retags: [{ device_id: first.deviceId }],
    });
  });

  it('that says what is so already, or nothing, changes nothing and asks nobody', async () => {
    const tenantId = await aTenant();
    const partner = await aPartner(tenantId);
    const hardware = randomUUID();
    const { deviceId } = await send(partner, hardware, { groupTag: 'Kiosk', designation: user });
    expect(await send(partner, hardware, { groupTag: 'Kiosk', designation: user })).toMatchObject({
      verdict: 'already_registered',
      detail: { deviceId },
    });
    await send(partner, hardware, {});
    expect(await device(deviceId)).toMatchObject({ tag: 'Kiosk', version: 1 });
    expect(await asked(tenantId)).toEqual({ assignments: [], retags: [] });
  });

  it('by somebody else, or only to hear its verdict, changes nothing', async () => {
    const tenantId = await aTenant();
    const [partner, other] = [await aPartner(tenantId), await aPartner(tenantId)];
    const hardware = randomUUID();
    const { deviceId } = await send(partner, hardware, { groupTag: 'Kiosk' });
    for (const sender of [other, { tenantId, partnerId: null }])
      expect(await send(sender, hardware, { groupTag: 'Desk' })).toMatchObject({ verdict: 'already_registered' });
    expect((await send(partner, hardware, { groupTag: 'Desk' }, true)).verdict).toBe('already_registered');
    expect(await device(deviceId)).toMatchObject({ tag: 'Kiosk', version: 1 });
    const own = randomUUID();
    const tenants = await send({ tenantId, partnerId: null }, own, { groupTag: 'Kiosk' });
    expect(await send(partner, own, { groupTag: 'Desk' })).toMatchObject({ detail: { registeredByTenant: true } });
    expect(await device(tenants.deviceId)).toMatchObject({ tag: 'Kiosk', version: 1 });
  });

  it('for a device that another run has is busy, names that run and changes nothing', async () => {
    const tenantId = await aTenant();
    const partner = await aPartner(tenantId);
    const hardware = randomUUID();
    const { deviceId } = await send(partner, hardware, { groupTag: 'Kiosk' });
    const holding = await registry.anOrder({ tenantId, partnerId: null, parts: [['{}']] });
    await registry.admin.query(
      `insert into registry.device_reservation (tenant_id, device_id, run_id, kind) values ($1, $2, $3, 'deregistration')`,
      [tenantId, deviceId, holding],
    );
    expect(await send(partner, hardware, { groupTag: 'Desk' })).toMatchObject({
      verdict: 'busy',
      detail: { deviceId, runId: holding },
    });
    expect(await device(deviceId)).toMatchObject({ tag: 'Kiosk', version: 1 });
  });
});
