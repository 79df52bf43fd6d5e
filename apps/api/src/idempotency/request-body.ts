import { timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { digestHere, type BodyDigests, type RunningDigest } from '../body-digests/body-digests.js';
import { ProblemError } from '../problems/problem.error.js';

/** Longest body that is held in memory. Longer orders come as JSON Lines or CSV. Source: interfaces-security.md 2.1. */
export const heldBodyBytes = 8 * 1024 * 1024;

/**
 * A body as it arrives: digested while it is read, watched for standing still, and held against what the sender said it would
 * be. It can be read once.
 */
export class ArrivingBody {
  readonly #stream: Readable | null;
  readonly #request: FastifyRequest;
  readonly #stallMilliseconds: number;
  readonly #running: RunningDigest;
  #digest: Buffer | null = null;
  #bytes = 0;

  /** @param digests who digests large bodies; left out where only small ones are taken */
  constructor(request: FastifyRequest, stallSeconds: number, digests?: BodyDigests) {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      throw new ProblemError('body.content-encoding');
    }
    this.#request = request;
    this.#stream = (request.body as Readable | null | undefined) ?? null;
    this.#stallMilliseconds = stallSeconds * 1000;
    const declared = request.headers['content-length'];
    this.#running = digests?.begin(declared === undefined ? null : Number(declared)) ?? digestHere();
  }

  /** SHA-256 of the whole body; there once it has been read to its end. */
  get digest(): Buffer {
    if (this.#digest === null) throw new Error('the body has not been read to its end');
    return this.#digest;
  }

  /** The bytes, one chunk at a time: nothing more is read from the connection before a chunk is dealt with. */
  async *chunks(): AsyncGenerator<Buffer> {
    if (this.#stream !== null) yield* this.#read(this.#stream);
    this.#digest = await this.#running.digest();
    const declared = this.#request.headers['content-length'];
    if (declared !== undefined && Number(declared) !== this.#bytes) throw new ProblemError('body.truncated');
    this.#compareDigest(this.#request.headers['content-digest']);
  }

  async *#read(stream: Readable): AsyncGenerator<Buffer> {
    const stall = setTimeout(() => {
      stream.destroy(new ProblemError('body.truncated', { detail: 'The body stood still for too long.' }));
    }, this.#stallMilliseconds);
    try {
      // Leaving the loop early must not cut the connection: the refusal still has to go out over it.
      for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer | string>) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        await this.#running.update(bytes);
        this.#bytes += bytes.length;
        yield bytes;
        stall.refresh();
      }
    } catch (error) {
      throw error instanceof ProblemError ? error : new ProblemError('body.truncated');
    } finally {
      clearTimeout(stall);
    }
  }

  /** The whole body, if it is small enough to be held. */
  async whole(most: number = heldBodyBytes): Promise<Buffer> {
    const declared = Number(this.#request.headers['content-length'] ?? 0);
    if (declared > most) throw tooLarge(most);
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunks()) {
      if (this.#bytes > most) throw tooLarge(most);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Reads to the end for the digest alone. */
  async drain(): Promise<Buffer> {
    const chunks = this.chunks();
    while (!(await chunks.next()).done);
    return this.digest;
  }

  /** Lets the rest go by unread, so that the sender comes to reading the refusal. */
  abandon(): void {
    if (this.#digest === null) this.#running.abandon();
    this.#stream?.resume();
  }

  /** Content-Digest, where the sender gave one that we can compute. Source: RFC 9530. */
  #compareDigest(header: string | string[] | undefined): void {
    const text = Array.isArray(header) ? header.join(',') : (header ?? '');
    const claimed = /(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/=]+):/i.exec(text)?.[1];
    if (claimed === undefined) return;
    const expected = Buffer.from(claimed, 'base64');
    if (expected.length !== this.digest.length || !timingSafeEqual(expected, this.digest)) {
      throw new ProblemError('body.digest-mismatch');
    }
  }
}

function tooLarge(most: number): ProblemError {
  return new ProblemError('body.too-large', {
    detail: `At most ${most / 1024 / 1024} MiB are taken in one piece. Send larger orders as application/jsonl or text/csv, which have no limit.`,
  });
}
