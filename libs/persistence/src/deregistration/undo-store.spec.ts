import type { DeregistrationStep, LedgerState } from '@groundcrew/domain';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Registry } from '../../../../test/support/registry.js';
import { registrySuite } from '../../../../test/support/registry-suite.js';
import { beginUndo, loadUndone, settleUndo } from './undo-store.js';

/** In which order a device is taken back whose person answers while its chunk is somewhere in between. */
describe('taking back what was done before the line', () => {
  let registry: Registry;
  let worker: pg.Pool;
  registrySuite('worker', 2, (opened) => ({ registry, pool: worker } = opened));

  const all: readonly DeregistrationStep[] = ['retire_management', 'unassign_user', 'remove_registration'];
  let chunk: { runId: string; tenantId: string; chunk: number };
  beforeEach(async () => {
    const tenantId = await registry.aTenant();
    const runId = await registry.anOrder({ tenantId, partnerId: null, parts: [['{}']] });
    chunk = { runId, tenantId, chunk: 1 };
  });

  async function aDeviceGoingBack(asked: Partial<Record<DeregistrationStep, LedgerState>>): Promise<string> {
    const deviceId = randomUUID();
    await registry.admin.query(
      `insert into registry.deregistration_device (run_id, device_id, tenant_id, chunk, position, step, steps, version, undoing)
       values ($1, $2, $3, 1, 1, 'unassign_user', $4, 1, true)`,
      [chunk.runId, deviceId, chunk.tenantId, all],
    );
    for (const [step, state] of Object.entries(asked))
      await registry.admin.query(
        `insert into registry.deregistration_step (run_id, device_id, step, attempt, tenant_id, state, request_key)
         values ($1, $2, $3, 1, $4, $5, $6)`,
        [chunk.runId, deviceId, step, chunk.tenantId, state, `${chunk.runId}/${step}/1`],
      );
    return deviceId;
  }
  const goingBack = async (step: DeregistrationStep) =>
    (await beginUndo(worker, { ...chunk, step })).map(({ deviceId }) => deviceId);
  const compared = async () => (await loadUndone(worker, chunk)).map(({ deviceId }) => deviceId);

  it.each(['requested', 'accepted', 'observed', 'refused'] as const)(
    'the record of a device whose user is to be assigned again first is left as it is: %s',
    async (state) => {
      const deviceId = await aDeviceGoingBack({ retire_management: 'observed', unassign_user: state });
      expect(await goingBack('retire_management')).toEqual([]);
      expect(await compared()).toEqual([]);

      const [device] = await beginUndo(worker, { ...chunk, step: 'unassign_user' });
      expect(device).toMatchObject({
        deviceId,
        openKeys: state === 'observed' ? [] : [`${chunk.runId}/unassign_user/1`],
      });
      const undone = { kind: 'undone', answeredBy: 'management', note: null } as const;
      await settleUndo(worker, { ...chunk, step: 'unassign_user' }, new Map([[deviceId, undone]]));
      expect(await compared()).toEqual([]);
      expect(await goingBack('unassign_user')).toEqual([]);
      expect(await goingBack('retire_management')).toEqual([deviceId]);
      await settleUndo(worker, { ...chunk, step: 'retire_management' }, new Map([[deviceId, undone]]));
      expect(await compared()).toEqual([deviceId]);
    },
  );

  it('what a person skipped, and what was never asked for, keeps nobody waiting', async () => {
    const skipped = await aDeviceGoingBack({ retire_management: 'requested', unassign_user: 'skipped' });
    const never = await aDeviceGoingBack({ retire_management: 'requested' });
    expect(await goingBack('unassign_user')).toEqual([]);
    expect(await goingBack('retire_management')).toEqual([skipped, never].sort());
  });

  it('a difference is told before anything earlier is taken back, and a retry begins with it', async () => {
    const deviceId = await aDeviceGoingBack({ retire_management: 'observed', unassign_user: 'accepted' });
    expect(await goingBack('unassign_user')).toEqual([deviceId]);
    const late = { kind: 'difference', difference: 'management has not assigned its user again in time' } as const;
    await settleUndo(worker, { ...chunk, step: 'unassign_user' }, new Map([[deviceId, late]]));
    // A person answers at once, while the chunk goes on to the step before.
    await registry.admin.query(
      `update registry.deregistration_device set state = 'going', code = null, difference = null where run_id = $1`,
      [chunk.runId],
    );
    expect(await goingBack('retire_management')).toEqual([]);
    expect(await compared()).toEqual([]);
    expect(await goingBack('unassign_user')).toEqual([deviceId]);
  });
});
