import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { listenToRunEvents, type RunEventListener } from '@groundcrew/persistence';
import type { Logger } from 'pino';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { loggerToken } from '../platform/logging.js';
import { ProblemError } from '../problems/problem.error.js';

/** Wakes those who watch. One connection listens for the whole process, however many streams are open. */
@Injectable()
export class RunFeed implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #configuration: Configuration;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #listener: RunEventListener | null = null;
  #open = 0;

  constructor(@Inject(configurationToken) configuration: Configuration, @Inject(loggerToken) logger: Logger) {
    this.#configuration = configuration;
    this.#logger = logger;
  }

  /** Takes a place among the streams. @throws ProblemError where there is none left */
  enter(): { watch: Watch; leave: () => void } {
    if (this.#open >= this.#configuration.events.streams) {
      throw new ProblemError('events.too-many', { headers: { 'retry-after': '5' } });
    }
    this.#open += 1;
    this.#listener ??= listenToRunEvents({
      url: this.#configuration.database.apiUrl,
      applicationName: 'groundcrew-api-listen',
      reconnectMilliseconds: this.#configuration.events.pollMilliseconds,
      lost: (error) => this.#logger.warn({ err: error }, 'the event connection was lost and is made again'),
    });
    const watch = new Watch(this.#listener, this.#closing.signal);
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      this.#open -= 1;
      watch.end();
    };
    return { watch, leave };
  }

  /** Streams end first: the server waits for its answers before it closes. */
  beforeApplicationShutdown(): void {
    this.#closing.abort();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#listener?.close();
  }
}

/** One stream's view of the feed: something happened since it last looked, or not. */
export class Watch {
  readonly #unsubscribe: () => void;
  readonly #closing: AbortSignal;
  #interest: ((runId: string) => boolean) | null = null;
  #rung = false;
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(listener: RunEventListener, closing: AbortSignal) {
    this.#closing = closing;
    closing.addEventListener('abort', this.#ring);
    this.#unsubscribe = listener.subscribe((runId) => {
      if (this.#interest === null || this.#interest(runId)) this.#ring();
    });
  }

  get over(): boolean {
    return this.#ended || this.#closing.aborted;
  }

  only(interest: (runId: string) => boolean): void {
    this.#interest = interest;
  }

  /** Waits until something happened, or the time is up. What happened before the call counts. */
  async next(milliseconds: number): Promise<void> {
    if (!this.#rung && !this.over) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#rung = false;
  }

  end(): void {
    this.#ended = true;
    this.#unsubscribe();
    this.#closing.removeEventListener('abort', this.#ring);
    this.#ring();
  }

  readonly #ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };
}
