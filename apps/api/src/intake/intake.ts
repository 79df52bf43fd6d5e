import { Inject, Injectable } from '@nestjs/common';
import type { CsvLayout } from '@groundcrew/domain';
import {
  createSealer,
  dropIntake,
  uuidV7,
  withScope,
  type ArrivedRun,
  type Database,
  type Run,
  type Sealer,
  type SourceFormat,
  type StoredAnswer,
  type Unit,
} from '@groundcrew/persistence';
import type { Logger } from 'pino';
import type { Configuration } from '../configuration.js';
import { Commands, type HeldCommand, type Outcome } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { loggerToken } from '../platform/logging.js';
import type { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';
import { acceptedRun } from '../runs/accepted-run.js';
import { Foreground } from './foreground.js';
import { IntakeSpool } from './intake-spool.js';

/** A body on its way in: whose it is, what its lines are, and what becomes of it. */
export interface Arriving {
  owner: { tenantId: string; partnerId: string | null };
  format: SourceFormat;
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** SHA-256 of the rows' bytes, asked for when all of them were read. */
  digest: () => Buffer;
  /** Refuses a header with which no row could succeed. */
  needs?: (layout: CsvLayout) => ProblemError | null;
  /** Writes down what arrived, in the transaction after which it will be worked on, whatever happens to this process. */
  accept: (unit: Unit, arrived: Arrived) => Promise<Outcome>;
}

/** A body that turned out to be no rows for a run: what becomes of it is written in the transaction of the answer. */
export interface Otherwise {
  instead: (unit: Unit) => Promise<Outcome>;
}

/** What a run is told of the body that arrived. */
export type Arrived = Pick<
  ArrivedRun,
  'runId' | 'requestedBy' | 'received' | 'chunkCount' | 'sourceFormat' | 'bodyDigest' | 'csvHeader' | 'corrected'
>;

/**
 * Takes bodies in: spooled in sealed parts while they arrive, then accepted in one short transaction. Whatever goes wrong before that
 * leaves nothing behind, and the key free.
 */
@Injectable()
export class Intake {
  readonly #database: Database;
  readonly #commands: Commands;
  readonly #configuration: Configuration;
  readonly #sealer: Sealer;
  readonly #logger: Logger;
  readonly #foreground: Foreground;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    @Inject(loggerToken) logger: Logger,
    commands: Commands,
    foreground: Foreground,
  ) {
    this.#database = databases.api;
    this.#configuration = configuration;
    this.#sealer = createSealer(configuration.sealingKey);
    this.#logger = logger;
    this.#commands = commands;
    this.#foreground = foreground;
  }

  /** Asks the registry in the caller's scope, before or while a body arrives. */
  ask<Result>(call: Call<unknown>, work: (unit: Unit) => Promise<Result>): Promise<Result> {
    return withScope(this.#database, call.caller.scope, work);
  }

  /** The answer to a body that became a run. @param place the resource that it made, if any */
  accepted(run: Run, call: Call<unknown>, place?: string): StoredAnswer {
    return acceptedRun(run, call, this.#configuration, place);
  }

  /** @param traits what makes the command another one, beside its address */
  take(
    call: Call<unknown>,
    traits: readonly string[],
    open: (held: HeldCommand) => Promise<Arriving | Otherwise>,
  ): Promise<Answer> {
    return this.#commands.take(call, traits, async (held) => {
      const runId = uuidV7(Date.now());
      const { scope, principal } = call.caller;
      try {
        const spool = new IntakeSpool(
          this.#database,
          scope,
          this.#sealer,
          runId,
          this.#configuration,
          this.#foreground,
        );
        const taken = await held.holding(
          () => spool.renew(),
          async (lost) => {
            const arriving = await open(held);
            if ('instead' in arriving) return arriving;
            await spool.open(arriving.owner);
            const spooled = await spool.keep(arriving.chunks, {
              withHeader: arriving.format === 'csv',
              ...(arriving.needs && { needs: arriving.needs }),
              lost,
            });
            return { arriving, spooled };
          },
        );
        if ('instead' in taken) return await held.commit(taken.instead);
        const { arriving, spooled } = taken;
        const arrived: Arrived = {
          runId,
          requestedBy: principal,
          received: spooled.received,
          chunkCount: spooled.parts,
          sourceFormat: arriving.format,
          bodyDigest: arriving.digest(),
          csvHeader: spooled.header,
          corrected: spooled.corrected,
        };
        return await held.commit((unit) => arriving.accept(unit, arrived));
      } catch (error) {
        // Should this fail too, the intake's lease runs out and the relay sweeps it.
        await dropIntake(this.#database, scope, runId).catch((fault: unknown) =>
          this.#logger.warn({ err: fault, traceId: call.traceId, intake: runId }, 'an intake could not be dropped'),
        );
        throw error;
      }
    });
  }
}
