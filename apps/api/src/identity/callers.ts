import { Inject, Injectable } from '@nestjs/common';
import { isRoleOf } from '@groundcrew/domain';
import { standingOfDirectoryTenant, type Database } from '@groundcrew/persistence';
import { databasesToken, type Databases } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { abilityOf } from './abilities.js';
import { capacityOf, type Caller } from './caller.js';
import { subjectOf } from './claims.js';
import { TokenVerifier, type VerifiedToken } from './token-verifier.js';

/** Finds out who calls. */
@Injectable()
export class Callers {
  readonly #verifier: TokenVerifier;
  readonly #database: Database;

  constructor(verifier: TokenVerifier, @Inject(databasesToken) databases: Databases) {
    this.#verifier = verifier;
    this.#database = databases.api;
  }

  /** @throws ProblemError where there is no token, or none that is accepted */
  async identify(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new ProblemError('token.missing');
    const verified = await this.#verifier.verify(token);
    return verified.issuer === 'operator' ? operatorOf(verified) : await this.#callerOf(verified);
  }

  async #callerOf({ claims }: VerifiedToken): Promise<Caller> {
    const subject = subjectOf(claims);
    if (subject === null || claims.tid === undefined) throw new ProblemError('token.rejected');
    const standing = await standingOfDirectoryTenant(this.#database, claims.tid);
    const kind = standing.tenantKind;
    if (kind === null && standing.partner === null) throw new ProblemError('token.rejected');
    const tenantId = kind === null ? null : claims.tid;
    const partnerId = standing.partner?.id ?? null;
    const roles = subject.roles.filter((role) => {
      const capacity = capacityOf[role];
      return capacity === 'tenant'
        ? kind !== null && isRoleOf(role, kind)
        : capacity === 'partner'
          ? partnerId !== null
          : false;
    });
    // A scope is opened only as far as a role reaches: policies then hold even where a check was forgotten.
    const reaches = (capacity: 'tenant' | 'partner') => roles.some((role) => capacityOf[role] === capacity);
    const held = {
      principal: `${subject.kind}:${claims.tid}:${subject.id}`,
      tenantId: reaches('tenant') ? tenantId : null,
      partnerId: reaches('partner') ? partnerId : null,
    };
    return {
      ...held,
      kind: subject.kind,
      roles,
      isOperator: false,
      expiresAt: claims.exp,
      scope: held,
      ability: abilityOf({ ...held, roles }),
    };
  }
}

/** Operators come from an issuer of their own, and nobody else's token can hold their role. */
function operatorOf({ claims }: VerifiedToken): Caller {
  const subject = subjectOf(claims);
  if (subject === null) throw new ProblemError('token.rejected');
  const roles = subject.roles.filter((role) => role === 'operator');
  const principal = `operator:${subject.kind}:${subject.id}`;
  const held = { tenantId: null, partnerId: null };
  return {
    ...held,
    principal,
    kind: subject.kind,
    roles,
    isOperator: true,
    expiresAt: claims.exp,
    scope: { principal, ...held },
    ability: abilityOf({ ...held, roles }),
  };
}
