import { encodingBytes, encodingOf, type CorrectionCode } from '@groundcrew/domain';

const carriageReturn = 13;
const lineFeed = 10;

/**
 * A file's text as it arrives: UTF-8 without a mark, whose lines end in a line feed. A file that is so already passes untouched;
 * what is changed is noted once, because it concerns every line.
 */
export class LegibleText {
  readonly corrections = new Set<CorrectionCode>();
  /** The beginning, until there is enough of it to tell the encoding. */
  #first: Buffer | null = Buffer.alloc(0);
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  /** A carriage return whose next byte has not arrived. */
  #open = false;

  /** Takes the next bytes; yields what is legible of them. */
  *push(chunk: Buffer): Generator<Buffer> {
    if (this.#first === null) return yield* this.#read(chunk);
    this.#first = Buffer.concat([this.#first, chunk]);
    if (isTelling(this.#first)) yield* this.#begin(this.#first);
  }

  /** The body is over: yields what is left. @throws TypeError where it is not in the encoding that it began in */
  *finish(): Generator<Buffer> {
    if (this.#first !== null) yield* this.#begin(this.#first);
    if (this.#decoder !== null) yield* this.#ends(Buffer.from(this.#decoder.decode()));
    if (this.#open) yield this.#end();
  }

  *#begin(first: Buffer): Generator<Buffer> {
    const { encoding, markBytes } = encodingOf(first);
    this.#first = null;
    if (markBytes > 0) this.corrections.add('byte-order-mark');
    if (encoding !== 'utf-8') {
      this.corrections.add('utf-16');
      this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    }
    yield* this.#read(first.subarray(markBytes));
  }

  *#read(chunk: Buffer): Generator<Buffer> {
    yield* this.#ends(
      this.#decoder === null ? chunk : Buffer.from(this.#decoder.decode(chunk, { stream: true }), 'utf8'),
    );
  }

  /** A carriage return that no line feed follows ends a line, too. */
  *#ends(text: Buffer): Generator<Buffer> {
    if (text.length === 0) return;
    if (this.#open) yield text[0] === lineFeed ? carriageReturnAlone : this.#end();
    this.#open = text.at(-1) === carriageReturn;
    const end = this.#open ? text.length - 1 : text.length;
    for (let at = text.indexOf(carriageReturn); at !== -1 && at < end; at = text.indexOf(carriageReturn, at + 1)) {
      if (text[at + 1] === lineFeed) continue;
      text[at] = lineFeed;
      this.corrections.add('line-ends');
    }
    if (end > 0) yield end === text.length ? text : text.subarray(0, end);
  }

  #end(): Buffer {
    this.#open = false;
    this.corrections.add('line-ends');
    return lineFeedAlone;
  }
}

/** Enough to tell the encoding. A first line without a zero byte in it is no UTF-16: whoever sends it may be waiting for our answer. */
function isTelling(first: Buffer): boolean {
  return first.length >= encodingBytes || (first.includes(lineFeed) && !first.includes(0));
}

const carriageReturnAlone = Buffer.of(carriageReturn);
const lineFeedAlone = Buffer.of(lineFeed);
