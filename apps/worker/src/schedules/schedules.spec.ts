import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultRunPolicy } from '@groundcrew/workflows';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { ensureSchedules, schedulesOf } from './schedules.js';

describe('the schedules', () => {
  let connection: Connection;
  let client: Client;
  const settings = {
    taskQueuePrefix: `schedules-${randomUUID()}-`,
    policy: defaultRunPolicy,
    orphanScanMs: 3_600_000,
    conversionMs: 3_600_000,
  };
  beforeAll(async () => {
    connection = await Connection.connect({ address: process.env.GROUNDCREW_TEST_TEMPORAL_ADDRESS ?? '' });
    client = new Client({ connection });
  });
  afterAll(async () => {
    for (const { scheduleId } of schedulesOf(settings)) await client.schedule.getHandle(scheduleId).delete();
    await connection.close();
  });

  it('are created once, and brought up to date by the next deployment', async () => {
    await ensureSchedules(client, settings);
    await ensureSchedules(client, { ...settings, orphanScanMs: 7_200_000, conversionMs: 7_200_000 });
    for (const { scheduleId, action } of schedulesOf(settings)) {
      const described = await client.schedule.getHandle(scheduleId).describe();
      expect(described.spec.intervals).toEqual([expect.objectContaining({ every: 7_200_000 })]);
      expect(described.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 600_000 });
      expect(described.action).toMatchObject({
        workflowType: (action as { workflowType: string }).workflowType,
        taskQueue: `${settings.taskQueuePrefix}bulk`,
      });
    }
  });
});
