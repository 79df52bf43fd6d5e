import { hash } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { developmentKeyPrefix, type Configuration, type TrustedIssuer } from '../configuration.js';
import { ProblemError } from '../problems/problem.error.js';
import { tokenClaims, type TokenClaims } from './claims.js';

/** A token whose signature, issuer, audience and time are right. */
export interface VerifiedToken {
  issuer: TrustedIssuer['kind'];
  claims: TokenClaims;
}

interface IssuerKeys {
  trusted: TrustedIssuer;
  keys: ReturnType<typeof createRemoteJWKSet>;
}

const clockToleranceSeconds = 60;
/** How long a token that was verified is believed again, in milliseconds: an issuer's keys are believed for longer. */
const believedMs = 30_000;
const mostBelieved = 2_000;

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Verifies bearer tokens against the trusted issuers. Anything it cannot vouch for is refused with one and the same code. */
export class TokenVerifier {
  readonly #issuers: IssuerKeys[];
  readonly #production: boolean;
  /** By the digest of the whole token: one changed character is another token. */
  readonly #believed = new Map<string, { verified: VerifiedToken; until: number }>();

  constructor(configuration: Pick<Configuration, 'issuers' | 'production'>) {
    this.#production = configuration.production;
    this.#issuers = configuration.issuers.map((trusted) => ({
      trusted,
      keys: createRemoteJWKSet(new URL(trusted.jwksUri), { timeoutDuration: 3_000, cooldownDuration: 10_000 }),
    }));
  }

  /** @throws ProblemError `token.rejected`, or `identity.unavailable` where the issuer's keys cannot be read */
  async verify(token: string): Promise<VerifiedToken> {
    const digest = hash('sha256', token, 'base64');
    const known = this.#believed.get(digest);
    if (known !== undefined && Date.now() < known.until) return known.verified;
    const verified = await this.#verify(token);
    const endsMs = (verified.claims.exp + clockToleranceSeconds) * 1000;
    if (this.#believed.size >= mostBelieved) this.#believed.clear();
    this.#believed.set(digest, { verified, until: Math.min(Date.now() + believedMs, endsMs) });
    return verified;
  }

  async #verify(token: string): Promise<VerifiedToken> {
    const { issuer, expected } = this.#issuerOf(token);
    try {
      const { payload } = await jwtVerify(token, issuer.keys, {
        algorithms: ['RS256'],
        issuer: expected,
        audience: issuer.trusted.audience,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'iss', 'aud', 'ver'],
      });
      const claims = tokenClaims.safeParse(payload);
      if (!claims.success) throw rejected();
      return { issuer: issuer.trusted.kind, claims: claims.data };
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      if (isRefusal(error)) throw rejected();
      throw new ProblemError('identity.unavailable', { headers: { 'retry-after': '5' } });
    }
  }

  /** Which issuer the token says it is from. Said, not proven: the signature is checked against that issuer's keys only. */
  #issuerOf(token: string): { issuer: IssuerKeys; expected: string } {
    try {
      const { kid } = decodeProtectedHeader(token);
      if (kid === undefined || (this.#production && kid.startsWith(developmentKeyPrefix))) throw rejected();
      const { iss, tid } = decodeJwt<{ tid?: unknown }>(token);
      for (const issuer of this.#issuers) {
        const template = issuer.trusted.issuer;
        if (template.includes('{tid}') && !(typeof tid === 'string' && guid.test(tid))) continue;
        const expected = template.replace('{tid}', String(tid));
        if (iss === expected) return { issuer, expected };
      }
    } catch {
      // Not a token at all.
    }
    throw rejected();
  }
}

function rejected(): ProblemError {
  return new ProblemError('token.rejected');
}

/** The token is at fault, not the world. */
function isRefusal(error: unknown): boolean {
  return error instanceof errors.JOSEError && error.code !== 'ERR_JWKS_TIMEOUT' && error.code !== 'ERR_JOSE_GENERIC';
}
