import { isSeparatorLine } from '@groundcrew/domain';
import type { SpareBuffers } from '../bulk/spare-buffers.js';

/** Longest record that is read, in bytes; the longest envelope fits. Source: matching.md E.1. */
export const recordLimit = 32_768;

/** No more of a line is kept than this; it is longer than a record may be, so whoever reads it sees that it is too long. */
const keptBytes = 64 * 1024;

/** Rows of one part, and the lines and bytes after which it is closed early. */
export const partLimits = { rows: 1_000, lines: 10_000, bytes: 8 * 1024 * 1024 } as const;

/** A slice of a body: whole lines with their ends, and where it lies. */
export interface BodyPart {
  /** From 1, without a gap. */
  number: number;
  /** Physical line number of its first line; blank lines are numbered too. */
  firstLine: number;
  /** Lines that are not blank. */
  lineCount: number;
  body: Buffer;
}

const lineFeed = 10;
const firstPartBytes = 16 * 1024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts a body into parts as it arrives. A record is one physical line, always, so a part can be judged without the ones
 * before it. Memory is bounded by one part, whatever the file's size and whatever its lines are like.
 */
export class PartCutter {
  #number = 0;
  #line = 0;
  /** The part that is filled: whole lines, then the beginning of one whose end has not arrived, cut to what is kept. */
  #part: Buffer = Buffer.allocUnsafe(firstPartBytes);
  #length = 0;
  #openFrom = 0;
  #linesOfPart = 0;
  #rows = 0;
  #firstLine = 0;
  #header: string | null = null;
  #headerLine = 0;
  #separatorLine = false;
  readonly #withHeader: boolean;
  readonly #spare: SpareBuffers | null;

  /** @param options.spare where parts' bytes come from; whoever is done with a part gives them back */
  constructor(options: { withHeader: boolean; spare?: SpareBuffers }) {
    this.#withHeader = options.withHeader;
    this.#spare = options.spare ?? null;
  }

  /** The first line of a body with a header that says something, once it has arrived whole. */
  get header(): string | null {
    return this.#header;
  }

  /** The number of the header's line. */
  get headerLine(): number {
    return this.#headerLine;
  }

  /** Whether a spreadsheet's line that names the separator stood before the header. */
  get separatorLine(): boolean {
    return this.#separatorLine;
  }

  /** Takes the next bytes; yields the parts that became whole with them. */
  *push(chunk: Buffer): Generator<BodyPart> {
    let position = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, position);
      if (end === -1) break;
      this.#keep(chunk.subarray(position, end));
      yield* this.#endLine();
      position = end + 1;
    }
    this.#keep(chunk.subarray(position));
  }

  /** The body is over: yields what is left. */
  *finish(): Generator<BodyPart> {
    if (this.#length > this.#openFrom) yield* this.#endLine();
    if (this.#rows > 0) yield this.#cut();
  }

  #keep(bytes: Buffer): void {
    const room = keptBytes - (this.#length - this.#openFrom);
    const kept = Math.min(bytes.length, room);
    if (kept <= 0) return;
    this.#makeRoom(kept);
    bytes.copy(this.#part, this.#length, 0, kept);
    this.#length += kept;
  }

  *#endLine(): Generator<BodyPart> {
    this.#line += 1;
    if (this.#line === 1) this.#dropByteOrderMark();
    const line = this.#part.subarray(this.#openFrom, this.#length);
    const blank = isBlankRecord(line);
    if (this.#withHeader && this.#header === null) {
      if (!blank) this.#takeHeader(line.toString('utf8').replace(/\r$/, ''));
      this.#length = this.#openFrom;
      return;
    }
    // Blank lines before the first row of a part are not stored at all: the numbering needs only where the part begins.
    if (blank && this.#rows === 0) {
      this.#length = this.#openFrom;
      return;
    }
    if (this.#rows === 0) this.#firstLine = this.#line;
    this.#makeRoom(1);
    this.#part[this.#length] = lineFeed;
    this.#length += 1;
    this.#openFrom = this.#length;
    this.#linesOfPart += 1;
    if (!blank) this.#rows += 1;
    const { rows, bytes, lines } = partLimits;
    if (this.#rows >= rows || this.#length >= bytes || this.#linesOfPart >= lines) yield this.#cut();
  }

  #dropByteOrderMark(): void {
    const line = this.#part.subarray(this.#openFrom, this.#length);
    if (!line.subarray(0, 3).equals(byteOrderMark)) return;
    line.copyWithin(0, 3);
    this.#length -= 3;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#part.length) return;
    const larger = this.#allocate(Math.max(this.#part.length * 2, this.#length + bytes));
    this.#part.copy(larger, 0, 0, this.#length);
    this.#spare?.give(this.#part);
    this.#part = larger;
  }

  #allocate(bytes: number): Buffer {
    return this.#spare?.take(bytes) ?? Buffer.allocUnsafe(bytes);
  }

  #takeHeader(line: string): void {
    if (!this.#separatorLine && isSeparatorLine(line)) {
      this.#separatorLine = true;
      return;
    }
    this.#header = line;
    this.#headerLine = this.#line;
  }

  /** Called between two lines: nothing is open. */
  #cut(): BodyPart {
    this.#number += 1;
    const part: BodyPart = {
      number: this.#number,
      firstLine: this.#firstLine,
      lineCount: this.#rows,
      body: this.#part.subarray(0, this.#length),
    };
    // The next part will hardly be larger, and the one that was cut belongs to whoever writes it.
    this.#part = this.#allocate(Math.ceil(this.#length * 1.05) + firstPartBytes);
    this.#length = 0;
    this.#openFrom = 0;
    this.#linesOfPart = 0;
    this.#rows = 0;
    return part;
  }
}

/** A record of nothing but white space. One that is longer than a record may be is a row all the same. */
export function isBlankRecord(record: Buffer): boolean {
  if (record.length > recordLimit) return false;
  for (const byte of record) if (byte > 32 && byte < 127) return false;
  return record.toString('utf8').trim() === '';
}
