import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

export interface DevelopmentKey {
  privateJwk: JWK;
  publicJwk: JWK;
}

/** The API refuses keys of this name in production. */
const KEY_PREFIX = 'groundcrew-dev-';

/** The signing key of a folder: made the first time, kept from then on, so that tokens outlive a restart. */
export async function developmentKey(folder: string): Promise<DevelopmentKey> {
  const file = join(folder, 'issuer', 'key.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DevelopmentKey;

  const pair = await generateKeyPair('RS256', { extractable: true });
  const publicPart = await exportJWK(pair.publicKey);
  const name = {
    kid: `${KEY_PREFIX}${(await calculateJwkThumbprint(publicPart)).slice(0, 16)}`,
    alg: 'RS256',
    use: 'sig',
  };
  const key = { privateJwk: { ...(await exportJWK(pair.privateKey)), ...name }, publicJwk: { ...publicPart, ...name } };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
  return key;
}
