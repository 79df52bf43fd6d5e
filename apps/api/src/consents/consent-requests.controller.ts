import { Controller, Inject } from '@nestjs/common';
import { consentRecord, consentView } from '@groundcrew/contracts';
import { lockConsentOfLink, type Consent, type Unit } from '@groundcrew/persistence';
import { Commands } from '../idempotency/commands.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { etagOf } from '../routes/versions.js';
import { digestOfLink } from './consent-link.js';
import { toConsentRecord } from './consent.view.js';
import { decide } from './decide-consent.js';

const read = operation({
  id: 'readConsentRequest',
  method: 'GET',
  path: '/v1/consentRequests/{link}',
  tag: 'Consents',
  summary: "What a partner's link asks the tenant for. Owners of the tenant open it.",
  permission: 'consent.decide',
  answers: { 200: consentRecord },
});

const grant = operation({
  id: 'grantConsentRequest',
  method: 'POST',
  path: '/v1/consentRequests/{link}/grant',
  tag: 'Consents',
  summary: 'Grants what the link asks for. A link decides once.',
  permission: 'consent.decide',
  headers: ['Idempotency-Key'],
  answers: { 200: consentView },
});

const decline = operation({
  id: 'declineConsentRequest',
  method: 'POST',
  path: '/v1/consentRequests/{link}/decline',
  tag: 'Consents',
  summary: 'Declines what the link asks for. A link decides once.',
  permission: 'consent.decide',
  headers: ['Idempotency-Key'],
  answers: { 200: consentView },
});

/** The customer's side of a partner's link. */
@Controller()
export class ConsentRequestsController {
  readonly #databases: Databases;
  readonly #commands: Commands;

  constructor(@Inject(databasesToken) databases: Databases, commands: Commands) {
    this.#databases = databases;
    this.#commands = commands;
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    return await this.#databases.inScopeOf(call.caller, async (unit) => {
      const consent = await consentOf(unit, call.caller.tenantId, call.params.link!);
      const body = await toConsentRecord(unit, consent);
      return { status: 200, body, headers: { etag: etagOf(consent.version) } };
    });
  }

  @Operation(grant)
  grant(call: CallOf<typeof grant>): Promise<Answer> {
    return this.#decide(call, 'grant');
  }

  @Operation(decline)
  decline(call: CallOf<typeof decline>): Promise<Answer> {
    return this.#decide(call, 'decline');
  }

  #decide(call: CallOf<typeof grant>, event: 'grant' | 'decline'): Promise<Answer> {
    return this.#commands.perform(call, null, async (unit) => {
      const consent = await consentOf(unit, call.caller.tenantId, call.params.link!);
      if (consent.state !== 'requested') {
        throw new ProblemError('consent.link-used', { detail: `The consent is ${consent.state}.` });
      }
      return await decide(unit, consent, { event, decidedBy: call.caller.principal });
    });
  }
}

/** A link to another tenant's consent leads nowhere. */
async function consentOf(unit: Unit, tenantId: string | null, link: string): Promise<Consent> {
  const consent = await lockConsentOfLink(unit, digestOfLink(link));
  if (consent === null || consent.tenantId !== tenantId) throw new ProblemError('consent.not-found');
  return consent;
}
