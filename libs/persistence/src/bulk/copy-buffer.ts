import { writeUuid } from '../identifiers/uuid-v7.js';
import { SpareBuffers } from './spare-buffers.js';

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

const nothing = Buffer.alloc(0);
/** One for each chunk that is written at the same time. */
const spare = new SpareBuffers(3);

/**
 * Rows in PostgreSQL's binary COPY format, in one buffer that grows. Text would double a hash (hex) and be parsed again.
 * Every row has the same columns in the same order; the caller writes each column once per row.
 */
export class CopyBuffer {
  #bytes: Buffer;
  #length: number;
  readonly #columns: number;

  constructor(columns: number, expectedBytes: number) {
    this.#columns = columns;
    this.#bytes = spare.take(Math.max(expectedBytes, 1_024));
    this.#length = signature.copy(this.#bytes, 0);
  }

  row(): this {
    this.#reserve(2);
    this.#length = this.#bytes.writeInt16BE(this.#columns, this.#length);
    return this;
  }

  uuid(text: string): this {
    this.#reserve(20);
    this.#length = this.#bytes.writeInt32BE(16, this.#length);
    writeUuid(text, this.#bytes, this.#length);
    this.#length += 16;
    return this;
  }

  optionalUuid(text: string | null): this {
    return text === null ? this.#null() : this.uuid(text);
  }

  int4(value: number): this {
    this.#reserve(8);
    this.#length = this.#bytes.writeInt32BE(4, this.#length);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
    return this;
  }

  text(value: string | null): this {
    if (value === null) return this.#null();
    const most = value.length * 3;
    this.#reserve(4 + most);
    const written = this.#bytes.write(value, this.#length + 4, 'utf8');
    this.#bytes.writeInt32BE(written, this.#length);
    this.#length += 4 + written;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#reserve(4 + value.length);
    this.#length = this.#bytes.writeInt32BE(value.length, this.#length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  optionalBytes(value: Uint8Array | null): this {
    return value === null ? this.#null() : this.bytes(value);
  }

  /** The finished stream. Nothing may be written after it. */
  finish(): Buffer {
    this.#reserve(2);
    this.#length = this.#bytes.writeInt16BE(-1, this.#length);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Lets others have the bytes: they were written, and nobody looks at them any more. */
  release(): void {
    spare.give(this.#bytes);
    this.#bytes = nothing;
  }

  #null(): this {
    this.#reserve(4);
    this.#length = this.#bytes.writeInt32BE(-1, this.#length);
    return this;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = spare.take(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    spare.give(this.#bytes);
    this.#bytes = larger;
  }
}
