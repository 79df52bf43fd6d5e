import { Inject, Injectable } from '@nestjs/common';
import {
  answerKey,
  appendAudit,
  claimKey,
  createSealer,
  freeKey,
  renewKey,
  type AuditEntry,
  type KeyClaim,
  type Sealer,
  type StoredAnswer,
  type Unit,
} from '@groundcrew/persistence';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { BodyDigests } from '../body-digests/body-digests.js';
import type { Configuration } from '../configuration.js';
import { digestOfLink } from '../consents/consent-link.js';
import type { Caller } from '../identity/caller.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { loggerToken } from '../platform/logging.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';
import { parseJson, shaped } from './json-body.js';
import { ArrivingBody } from './request-body.js';

/** What came of a command, written in the transaction that wrote its intent. */
export interface Outcome {
  answer: StoredAnswer;
  /** Null where nothing changed; several where the change reaches further than one object or tenant. */
  audit: Audited | Audited[] | null;
  /** The answer holds a secret: it is kept sealed, and opened for the same call only. */
  secret?: true;
}

/** What changed, for the audit chain of a tenant. */
export type Audited = Omit<AuditEntry, 'actor' | 'requestId'>;

/** A command that holds its key. */
export interface HeldCommand {
  body: ArrivingBody;
  /** Does something lengthy, renewing the lease meanwhile. The signal says when it is lost. */
  holding<Result>(renew: () => Promise<boolean>, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Writes intent, answer and audit event in one transaction. */
  commit(work: (unit: Unit) => Promise<Outcome>): Promise<Answer>;
}

/** Takes every command exactly once. Source: DESIGN.md "How a run works" 1. */
@Injectable()
export class Commands {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #logger: Logger;
  readonly #sealer: Sealer;
  readonly #digests: BodyDigests;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    @Inject(loggerToken) logger: Logger,
    digests: BodyDigests,
  ) {
    this.#databases = databases;
    this.#digests = digests;
    this.#configuration = configuration;
    this.#logger = logger;
    this.#sealer = createSealer(configuration.sealingKey);
  }

  /** A command whose body is small, or that has none. */
  async perform<Schema extends z.ZodType>(
    call: Call<unknown>,
    schema: Schema | null,
    work: (unit: Unit, body: z.output<Schema>) => Promise<Outcome>,
  ): Promise<Answer> {
    if (schema !== null) mediaTypeOf(call, ['application/json']);
    return await this.take(call, [], async (held) => {
      const bytes = await held.body.whole();
      const body = schema === null ? undefined : shaped(schema, parseJson(bytes));
      return await held.commit((unit) => work(unit, body as z.output<Schema>));
    });
  }

  /**
   * Claims the key, then lets the work be done; a refusal frees the key, because nothing came of the call.
   *
   * @param traits what makes the operation another one, beside its address
   */
  async take(
    call: Call<unknown>,
    traits: readonly string[],
    work: (held: HeldCommand) => Promise<Answer>,
  ): Promise<Answer> {
    const body = new ArrivingBody(call.request, this.#configuration.stallSeconds, this.#digests);
    try {
      const key = keyOf(call);
      const { caller } = call;
      const database = this.#databases.of(caller);
      const leaseSeconds = this.#configuration.leaseSeconds;
      const outcome = await claimKey(database, caller.scope, {
        key,
        operation: [call.spec.method, canonicalAddress(call), ...traits].join(' '),
        leaseSeconds,
      });
      switch (outcome.kind) {
        case 'reused':
          throw new ProblemError('idempotency.key-reused');
        case 'in_progress':
          throw new ProblemError('idempotency.in-progress', {
            headers: { 'retry-after': String(outcome.retryAfterSeconds) },
          });
        case 'answered':
          if (!(await body.drain()).equals(outcome.bodyDigest)) throw new ProblemError('idempotency.key-reused');
          return {
            status: outcome.answer.status,
            body: outcome.sealed === null ? outcome.answer.body : this.#opened(caller, key, outcome.sealed),
            headers: { ...outcome.answer.headers, 'idempotency-replayed': 'true' },
          };
        case 'claimed':
          return await this.#work(call, body, outcome.claim, work);
      }
    } catch (error) {
      body.abandon();
      throw error;
    }
  }

  async #work(
    call: Call<unknown>,
    body: ArrivingBody,
    claim: KeyClaim,
    work: (held: HeldCommand) => Promise<Answer>,
  ): Promise<Answer> {
    const { caller } = call;
    const database = this.#databases.of(caller);
    const leaseSeconds = this.#configuration.leaseSeconds;
    try {
      return await work({
        body,
        holding: (renew, lengthy) =>
          this.#holding(
            async () => (await renewKey(database, caller.scope, claim, leaseSeconds)) && (await renew()),
            lengthy,
          ),
        commit: (write) =>
          this.#databases.inScopeOf(caller, async (unit) => {
            const { answer, audit, secret } = await write(unit);
            const sealed = secret === true ? this.#sealed(caller, claim.key, answer.body) : null;
            if (!(await answerKey(unit, caller.scope, claim, body.digest, answer, sealed))) {
              throw new ProblemError('idempotency.lease-lost');
            }
            // Heads are locked in the order of their tenants, by everybody.
            const audits = [audit ?? []].flat().sort((left, right) => (left.tenantId < right.tenantId ? -1 : 1));
            for (const each of audits) {
              await appendAudit(unit, { ...each, actor: caller.principal, requestId: call.traceId });
            }
            return { status: answer.status, body: answer.body, headers: answer.headers };
          }),
      });
    } catch (error) {
      // Should this fail too, the lease runs out and the key is free all the same.
      await freeKey(database, caller.scope, claim).catch((fault: unknown) =>
        this.#logger.warn({ err: fault, traceId: call.traceId }, 'a key could not be freed'),
      );
      throw error;
    }
  }

  #sealed({ principal }: Caller, key: string, body: unknown): Buffer {
    return this.#sealer.seal(Buffer.from(JSON.stringify(body)), answerContext(principal, key));
  }

  #opened({ principal }: Caller, key: string, sealed: Buffer): unknown {
    return JSON.parse(this.#sealer.open(sealed, answerContext(principal, key)).toString('utf8'));
  }

  async #holding<Result>(
    renew: () => Promise<boolean>,
    lengthy: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const lost = new AbortController();
    const timer = setInterval(
      () => {
        renew().then(
          (ours) => {
            if (!ours) lost.abort(new ProblemError('idempotency.lease-lost'));
          },
          (error: unknown) => this.#logger.warn({ err: error }, 'a lease could not be renewed'),
        );
      },
      (this.#configuration.leaseSeconds * 1000) / 3,
    );
    try {
      return await lengthy(lost.signal);
    } finally {
      clearInterval(timer);
    }
  }
}

/** The media type of a body, if it is one of these. @throws ProblemError `body.media-type` */
export function mediaTypeOf<Type extends string>(call: Call<unknown>, taken: readonly Type[]): Type {
  const given = (call.request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const found = taken.find((type) => type === given);
  if (found === undefined) throw new ProblemError('body.media-type', { detail: `Taken here: ${taken.join(', ')}.` });
  return found;
}

/** @throws ProblemError where there is no usable key */
function keyOf(call: Call<unknown>): string {
  const key = call.request.headers['idempotency-key'];
  if (key === undefined || key === '') throw new ProblemError('idempotency.key-missing');
  if (Array.isArray(key) || !/^[\x21-\x7e]{1,255}$/.test(key)) throw new ProblemError('idempotency.key-invalid');
  return key;
}

/** To what a sealed answer is bound. */
function answerContext(principal: string, key: string): string {
  return `answer/${principal}/${key}`;
}

/** The address with its parameters in a fixed order. Who has an address with a secret in it holds the secret: it is kept as a digest. */
function canonicalAddress(call: Call<unknown>): string {
  const path = call.request.url.split('?', 1)[0]!;
  const { link } = call.params;
  const kept = link === undefined ? path : path.toLowerCase().replace(link, digestOfLink(link).toString('hex'));
  const query = new URLSearchParams(call.request.query as Record<string, string>);
  query.sort();
  return query.size === 0 ? kept : `${kept}?${query}`;
}
