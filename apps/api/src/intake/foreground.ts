import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** Whoever has not been answered within this time waits for something else than a processor. */
const attendedMs = 50;
/** A body stands still for so long at most before its next chunk is read: 64 KB, so it always makes 6 MB a second. */
const givenWayMs = 10;
/** A body that is longer arrives; a shorter one is a question. */
const shortBytes = 64 * 1024;

/**
 * Somebody waits for an answer: a page, a single device. A body of hundreds of megabytes takes every processor there is for seconds, and
 * its sender does not notice a few milliseconds, so it gives way to them.
 */
@Injectable()
export class Foreground {
  #attended = 0;
  #waiting: (() => void)[] = [];

  /** Has the requests of a server noticed. */
  watch(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
      const { 'content-length': length, 'transfer-encoding': transfer } = request.headers;
      if (transfer === undefined && Number(length ?? 0) < shortBytes) reply.raw.once('close', this.attend());
      done();
    });
  }

  /** @returns what to call when there is an answer */
  attend(): () => void {
    this.#attended += 1;
    let over = false;
    const leave = (): void => {
      if (over) return;
      over = true;
      clearTimeout(longest);
      this.#attended -= 1;
      if (this.#attended === 0) for (const proceed of this.#waiting.splice(0)) proceed();
    };
    const longest = setTimeout(leave, attendedMs);
    longest.unref();
    return leave;
  }

  /** Waits for a moment while somebody is being answered. @param arrived bytes of the body so far: a short one is a question itself */
  async giveWay(arrived: number): Promise<void> {
    if (this.#attended === 0 || arrived < shortBytes) return;
    await new Promise<void>((proceed) => {
      const longest = setTimeout(proceed, givenWayMs);
      this.#waiting.push(() => {
        clearTimeout(longest);
        proceed();
      });
    });
  }
}
