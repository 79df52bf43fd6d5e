import { Controller, Inject } from '@nestjs/common';
import { matchQuestion, matchView, type MatchView } from '@groundcrew/contracts';
import { evidenceKeys, type Digests } from '@groundcrew/matching';
import {
  createSealer,
  devicePopulation,
  findCandidates,
  gatherKeys,
  identify,
  type AskSql,
  type Sealer,
  type Unit,
} from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { mediaTypeOf } from '../idempotency/commands.js';
import { parseJson, shaped } from '../idempotency/json-body.js';
import { ArrivingBody } from '../idempotency/request-body.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { createIdentityDigests } from './identity-digests.js';
import { toMatchView, toUnreadableView } from './match.view.js';
import { readQuestion, type ReadQuestion } from './read-question.js';

const match = operation({
  id: 'matchDevice',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/devices/match',
  tag: 'Devices',
  summary: 'Says which registered device a hardware hash, tuple or product key belongs to, and why. Changes nothing.',
  permission: 'device.match',
  body: { 'application/json': matchQuestion },
  answers: { 200: matchView },
});

/** One report's number among the reports of one lookup; here there is only one. */
const only = 0;

/** A read that is a POST, because a hash does not belong into an address or a log. It needs no Idempotency-Key. */
@Controller()
export class MatchController {
  readonly #databases: Databases;
  readonly #digests: Digests;
  readonly #sealer: Sealer;
  readonly #stallSeconds: number;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#digests = createIdentityDigests(configuration.identityKey);
    this.#sealer = createSealer(configuration.sealingKey);
    this.#stallSeconds = configuration.stallSeconds;
  }

  @Operation(match)
  async match(call: CallOf<typeof match>): Promise<Answer> {
    mediaTypeOf(call, ['application/json']);
    const body = new ArrivingBody(call.request, this.#stallSeconds);
    const read = readQuestion(shaped(matchQuestion, parseJson(await whole(body))), this.#digests);
    const view = await this.#databases.readAs(call.caller, (unit) => this.#answer(unit, read));
    return { status: 200, body: view };
  }

  async #answer(unit: Unit, read: ReadQuestion): Promise<MatchView> {
    const { snapshot } = read;
    if (snapshot === null) return toUnreadableView(read);
    const ask: AskSql = (sql, values) => unit.query(sql, values);
    const reports = gatherKeys([[only, evidenceKeys(snapshot, this.#digests)]]);
    const found = (await findCandidates(ask, this.#sealer, reports)).get(only) ?? [];
    const population = await devicePopulation(ask);
    const decision = identify(snapshot, found, population);
    return toMatchView(read, { decision, observed: snapshot, found, population });
  }
}

async function whole(body: ArrivingBody): Promise<Buffer> {
  try {
    return await body.whole();
  } catch (error) {
    body.abandon();
    throw error;
  }
}
