import { readHeader, type Correction, type CsvLayout } from '@groundcrew/domain';
import {
  letGo,
  keepPart,
  LegibleText,
  openIntake,
  partContext,
  PartCutter,
  SpareBuffers,
  renewIntake,
  type BodyPart,
  type Database,
  type Scope,
  type Sealer,
} from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Foreground } from './foreground.js';
import { OneEncoding } from './one-encoding.js';

/** Parts of a body that are sealed and written at the same time: while one waits for the disk, the other is compressed. */
const mostWriting = 2;

/** For a part that is filled and those that are sealed: what arrives beside an order is hardly as large. */
const spare = new SpareBuffers(1 + mostWriting);

/** What was kept of a body. */
export interface Spooled {
  parts: number;
  received: number;
  /** The first line of a CSV. */
  header: string | null;
  /** What was changed to read the file as a whole, and where its header stands. */
  corrected: { line: number; corrections: Correction[] };
}

export interface SpoolOptions {
  /** Whether the lines are cells under a header, or JSON. */
  withHeader: boolean;
  /** Refuses a header with which no row could succeed. */
  needs?: (layout: CsvLayout) => ProblemError | null;
  lost: AbortSignal;
}

/** Keeps the lines of a body as they arrive, sealed part by part, so that memory holds a few parts and no more. */
export class IntakeSpool {
  readonly #database: Database;
  readonly #scope: Scope;
  readonly #sealer: Sealer;
  readonly #runId: string;
  readonly #leaseSeconds: number;
  readonly #foreground: Foreground;
  #opened = false;

  constructor(
    database: Database,
    scope: Scope,
    sealer: Sealer,
    runId: string,
    configuration: Pick<Configuration, 'leaseSeconds'>,
    foreground: Foreground,
  ) {
    this.#database = database;
    this.#scope = scope;
    this.#sealer = sealer;
    this.#runId = runId;
    this.#leaseSeconds = configuration.leaseSeconds;
    this.#foreground = foreground;
  }

  async open(owner: { tenantId: string; partnerId: string | null }): Promise<void> {
    await openIntake(this.#database, this.#scope, { id: this.#runId, ...owner }, this.#leaseSeconds);
    this.#opened = true;
  }

  /** @returns false when the intake was swept from under us */
  async renew(): Promise<boolean> {
    return !this.#opened || (await renewIntake(this.#database, this.#scope, this.#runId, this.#leaseSeconds));
  }

  /** @throws ProblemError where there is nothing in it, or it could be read in two ways */
  async keep(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, options: SpoolOptions): Promise<Spooled> {
    const cutter = new PartCutter({ withHeader: options.withHeader, spare });
    const text = options.withHeader ? new LegibleText() : null;
    const encoding = options.withHeader ? new OneEncoding() : null;
    let layout: CsvLayout | null = null;
    let parts = 0;
    let received = 0;
    let arrived = 0;
    const writing = new Set<Promise<void>>();
    const keepAll = async (bytes: Iterable<Buffer>): Promise<void> => {
      for (const legible of readable(bytes)) await keepParts(cutter.push(legible));
      // Said as soon as it is known, not after gigabytes.
      if (options.withHeader && layout === null && cutter.header !== null) layout = layoutOf(cutter, options);
    };
    const keepParts = async (cut: Iterable<BodyPart>): Promise<void> => {
      for (const part of cut) {
        if (options.withHeader && layout === null) layout = layoutOf(cutter, options);
        encoding?.look(part);
        if (writing.size === mostWriting) await Promise.race(writing);
        const written = this.#write(part).then(() => void writing.delete(written));
        // It stays among those that are written: whoever waits for one of them hears of it.
        written.catch(() => undefined);
        writing.add(written);
        parts = part.number;
        received += part.lineCount;
      }
    };
    try {
      for await (const chunk of chunks) {
        options.lost.throwIfAborted();
        await keepAll(text === null ? [chunk] : text.push(chunk));
        arrived += chunk.length;
        // The connection's next chunk comes in a buffer of its own.
        letGo(chunk);
        await this.#foreground.giveWay(arrived);
      }
      if (text !== null) await keepAll(text.finish());
      await keepParts(cutter.finish());
      await Promise.all(writing);
    } finally {
      // Whoever drops the intake must not be overtaken by a part of it.
      await Promise.allSettled(writing);
    }
    if (options.withHeader && layout === null && cutter.header !== null) layout = layoutOf(cutter, options);
    if (received === 0) throw new ProblemError('order.empty');
    return { parts, received, header: cutter.header, corrected: correctedIn(cutter, text, layout) };
  }

  async #write({ number, firstLine, lineCount, body }: BodyPart): Promise<void> {
    const sealed = await this.#sealer.sealBody(body, partContext(this.#runId, number));
    spare.give(body);
    await keepPart(this.#database, this.#scope, this.#runId, { number, firstLine, lineCount, sealed });
    letGo(sealed);
  }
}

/** A body that is not in the encoding that it began in cannot be read to its end. */
function* readable(bytes: Iterable<Buffer>): Generator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ProblemError('order.encoding', { detail: 'It begins as UTF-16 and does not go on so.' });
  }
}

function layoutOf(cutter: PartCutter, options: SpoolOptions): CsvLayout {
  const read = readHeader(cutter.header ?? '');
  if (!read.ok) {
    const { code, message } = read.refusal;
    throw new ProblemError('order.csv-header', {
      detail: message,
      errors: [{ pointer: `line ${cutter.headerLine}`, code, message }],
    });
  }
  const missing = options.needs?.(read.value) ?? null;
  if (missing !== null) throw missing;
  return read.value;
}

function correctedIn(cutter: PartCutter, text: LegibleText | null, layout: CsvLayout | null): Spooled['corrected'] {
  const whole: Correction[] = [...(text?.corrections ?? [])].map((code) => ({ code }));
  if (cutter.separatorLine) whole.push({ code: 'separator-line' });
  return { line: Math.max(1, cutter.headerLine), corrections: [...whole, ...(layout?.corrections ?? [])] };
}
