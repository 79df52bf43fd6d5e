import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DatabaseRole } from '@groundcrew/persistence/without-orm';

import { ensureFolder } from './workspace.js';

export interface Secrets {
  postgresPassword: string;
  passwords: Record<DatabaseRole, string>;
  /** Seals hashes and spooled parts at rest. Losing it loses them. */
  sealingKey: string;
  /** Keys the digests under which identities are claimed across tenants. */
  identityKey: string;
}

/** The secrets of a folder, made up the first time, kept from then on, readable by their owner only. */
export function secretsOf(folder: string): Secrets {
  const file = join(folder, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  const secrets = newSecrets();
  ensureFolder(folder);
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

function newSecrets(): Secrets {
  const word = (): string => randomBytes(24).toString('base64url');
  return {
    postgresPassword: word(),
    passwords: { owner: word(), api: word(), worker: word(), relay: word(), operator: word(), neighbours: word() },
    sealingKey: randomBytes(32).toString('base64'),
    identityKey: randomBytes(32).toString('base64'),
  };
}
