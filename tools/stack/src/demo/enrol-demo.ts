import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createBuiltInManagement, enrolDevices, openPool, type EnrollingDevice } from '@groundcrew/subsystems';

import { contoso } from './cast.js';
import type { DemoStage } from './load-demo.js';

/** How many devices of the demo's order are in use; the others are still in their boxes. */
const inUse = 5;

interface RegisteredDevice {
  id: string;
  serialNumber: string | null;
  manufacturer: string | null;
  model: string | null;
}

/**
 * What people did with the first devices of the order: they started, joined the directory and enrolled, and two of them are meant for
 * somebody. No command of the service does this, so it is said to the built-in management itself, once.
 *
 * @returns the registrations that are in use
 */
export async function enrolDemo(stage: DemoStage, neighboursUrl: string): Promise<string[]> {
  const file = join(stage.folder, 'demo', 'enrolled.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as string[];
  const devices = await firstDevices(stage);
  const registrationIds = devices.map(({ id }) => id);
  const pool = openPool({ connectionString: neighboursUrl, max: 1 }, (error) => stage.progress.line(error.message));
  try {
    const management = createBuiltInManagement(pool, { syncIntervalMs: 0 });
    // A start that was killed here has enrolled them all, or none.
    if ((await management.read(contoso.id, { registrationIds })).length === 0) {
      await enrolDevices(pool, contoso.id, devices.map(toEnrolling));
    }
    const users = registrationIds
      .slice(0, people.length)
      .map((id, index) => ({ registrationId: id, ...people[index]! }));
    await management.assignUsers('demo/assign_user/1', contoso.id, users);
  } finally {
    await pool.end();
  }
  writeFileSync(file, JSON.stringify(registrationIds));
  return registrationIds;
}

const people = [
  { userId: '9e1d5f70-1b2c-4d3e-8f4a-000000000011', principalName: 'ada@contoso.example' },
  { userId: '9e1d5f70-1b2c-4d3e-8f4a-000000000012', principalName: 'grace@contoso.example' },
];

/** The first one's recovery key is escrowed; the third one belongs to the tenant's own domain, too. */
function toEnrolling({ id, serialNumber, manufacturer, model }: RegisteredDevice, index: number): EnrollingDevice {
  return {
    registrationId: id,
    serialNumber: serialNumber ?? id,
    ...(manufacturer !== null && { manufacturer }),
    ...(model !== null && { model }),
    primaryUser: people[index] ?? null,
    recoveryKeyEscrowed: index === 0,
    join: index === 2 ? 'ServerAd' : 'AzureAd',
  };
}

async function firstDevices({ apiUrl, tokens, signal }: DemoStage): Promise<RegisteredDevice[]> {
  const response = await fetch(`${apiUrl}/v1/tenants/${contoso.id}/devices?maxpagesize=${inUse}`, {
    headers: { authorization: `Bearer ${tokens.administrator}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  });
  if (!response.ok) throw new Error(`the devices cannot be read: HTTP ${response.status} ${await response.text()}`);
  return ((await response.json()) as { value: RegisteredDevice[] }).value;
}
