import {
  csvColumnsOf,
  keepPart,
  openIntake,
  partContext,
  PartCutter,
  renewIntake,
  type BodyPart,
  type Database,
  type Scope,
  type Sealer,
} from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { ProblemError } from '../problems/problem.error.js';

/** What was kept of a body. */
export interface Spooled {
  parts: number;
  received: number;
  /** The first line of a CSV. */
  header: string | null;
}

/** Keeps the lines of an order as they arrive, sealed part by part, so that memory holds one part and no more. */
export class IntakeSpool {
  readonly #database: Database;
  readonly #scope: Scope;
  readonly #sealer: Sealer;
  readonly #runId: string;
  readonly #leaseSeconds: number;
  #opened = false;

  constructor(
    database: Database,
    scope: Scope,
    sealer: Sealer,
    runId: string,
    configuration: Pick<Configuration, 'leaseSeconds'>,
  ) {
    this.#database = database;
    this.#scope = scope;
    this.#sealer = sealer;
    this.#runId = runId;
    this.#leaseSeconds = configuration.leaseSeconds;
  }

  async open(owner: { tenantId: string; partnerId: string }): Promise<void> {
    await openIntake(this.#database, this.#scope, { id: this.#runId, ...owner }, this.#leaseSeconds);
    this.#opened = true;
  }

  /** @returns false when the intake was swept from under us */
  async renew(): Promise<boolean> {
    return !this.#opened || (await renewIntake(this.#database, this.#scope, this.#runId, this.#leaseSeconds));
  }

  /** @throws ProblemError where there is nothing in it, or its header does not say what its columns are */
  async keep(
    chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
    options: { withHeader: boolean; lost: AbortSignal },
  ): Promise<Spooled> {
    const cutter = new PartCutter({ withHeader: options.withHeader });
    let headerRead = !options.withHeader;
    let parts = 0;
    let received = 0;
    // One part is written while the next one arrives, and never more than one.
    let writing = Promise.resolve();
    const keepAll = async (cut: Iterable<BodyPart>): Promise<void> => {
      for (const part of cut) {
        if (!headerRead) headerRead = checkHeader(cutter.header);
        await writing;
        writing = this.#keepPart(part);
        writing.catch(() => undefined);
        parts = part.number;
        received += part.lineCount;
      }
    };
    try {
      for await (const chunk of chunks) {
        options.lost.throwIfAborted();
        await keepAll(cutter.push(chunk));
        // Said as soon as it is known, not after gigabytes.
        if (!headerRead && cutter.header !== null) headerRead = checkHeader(cutter.header);
      }
      await keepAll(cutter.finish());
      await writing;
    } finally {
      // Whoever drops the intake must not be overtaken by a part of it.
      await writing.catch(() => undefined);
    }
    if (!headerRead && cutter.header !== null) checkHeader(cutter.header);
    if (received === 0) throw new ProblemError('order.empty');
    return { parts, received, header: cutter.header };
  }

  async #keepPart(part: BodyPart): Promise<void> {
    const { number, firstLine, lineCount, body } = part;
    const sealed = this.#sealer.seal(body, partContext(this.#runId, number));
    await keepPart(this.#database, this.#scope, this.#runId, { number, firstLine, lineCount, sealed });
  }
}

function checkHeader(header: string | null): true {
  const columns = csvColumnsOf(header ?? '');
  if (!columns.ok) throw new ProblemError('order.csv-header', { detail: columns.refusal.message });
  return true;
}
