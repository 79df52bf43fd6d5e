import { describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { readConfiguration } from '../configuration.js';
import { TokenVerifier } from './token-verifier.js';

const environment = {
  GROUNDCREW_DATABASE_API_URL: 'postgres://localhost/groundcrew',
  GROUNDCREW_DATABASE_OPERATOR_URL: 'postgres://localhost/groundcrew',
  GROUNDCREW_DATABASE_NEIGHBOURS_URL: 'postgres://neighbours@127.0.0.1/groundcrew',
  GROUNDCREW_PUBLIC_URL: 'https://groundcrew.example/',
  GROUNDCREW_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
  GROUNDCREW_IDENTITY_KEY: Buffer.alloc(32, 8).toString('base64'),
  GROUNDCREW_ISSUERS: JSON.stringify([
    {
      kind: 'tenant',
      issuer: 'https://login.example/{tid}/v2.0',
      jwksUri: 'https://login.example/keys',
      audience: 'api://groundcrew',
    },
  ]),
};
const local = environment.GROUNDCREW_ISSUERS.replaceAll('https://login.example', 'http://127.0.0.1:7401');

describe('the configuration', () => {
  it('is read with its defaults', () => {
    expect(readConfiguration(environment)).toMatchObject({
      publicUrl: 'https://groundcrew.example',
      leaseSeconds: 30,
      temporalUi: null,
      production: false,
    });
  });

  it('names all its faults at once', () => {
    const read = () => readConfiguration({ GROUNDCREW_API_PORT: 'many', GROUNDCREW_ISSUERS: '{' });
    for (const name of [
      'API_URL',
      'OPERATOR_URL',
      'NEIGHBOURS_URL',
      'API_PORT',
      'PUBLIC_URL',
      'ISSUERS',
      'SEALING_KEY',
      'IDENTITY_KEY',
    ]) {
      expect(read).toThrow(new RegExp(name));
    }
  });

  it('takes an issuer on this machine, but not in production', () => {
    expect(readConfiguration({ ...environment, GROUNDCREW_ISSUERS: local }).issuers).toHaveLength(1);
    expect(() => readConfiguration({ ...environment, GROUNDCREW_ISSUERS: local, NODE_ENV: 'production' })).toThrow(
      /In production/,
    );
  });
});

describe('a development key', () => {
  it('is refused in production before anybody asks whether it signs well', async () => {
    const { issuers } = readConfiguration({ ...environment, NODE_ENV: 'production' });
    const verifier = new TokenVerifier({ issuers, production: true });
    const { privateKey } = await generateKeyPair('RS256');
    const tid = '11111111-2222-4333-8444-555555555555';
    const token = await new SignJWT({ iss: `https://login.example/${tid}/v2.0`, tid })
      .setProtectedHeader({ alg: 'RS256', kid: 'groundcrew-dev-1' })
      .sign(privateKey);
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'token.rejected' });
  });
});
