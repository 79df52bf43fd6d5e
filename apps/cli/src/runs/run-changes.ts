import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '../api/api-client.js';
import { RefusedError } from '../api/api.error.js';
import { readEventStream } from '../api/event-stream.js';
import { pauseAfter } from '../api/patience.js';

export interface FollowOptions {
  /** A stream that says nothing for so long is dead, whatever TCP thinks: heartbeats come every 15 s. */
  silenceMilliseconds: number;
  /** How often to look without a stream. */
  pollMilliseconds: number;
  /** How often to look beside a living stream, in case it forgot something. */
  reassureMilliseconds: number;
}

export const usualFollowing: FollowOptions = {
  silenceMilliseconds: 45_000,
  pollMilliseconds: 2_000,
  // A run that only waits tells no event: why it waits is looked for.
  reassureMilliseconds: 5_000,
};

/**
 * Tells when a run may have changed. It follows the run's event stream in the background, comes back to it with
 * Last-Event-ID when it breaks, and lets the clock tell for as long as there is none.
 */
export class RunChanges {
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  readonly #following: Promise<void>;
  #lastEventId: string | null = null;
  #streaming = false;
  #changed = false;
  #wake: () => void = () => {};

  constructor(
    private readonly client: ApiClient,
    private readonly runId: string,
    private readonly options: FollowOptions,
    interrupted: AbortSignal,
  ) {
    this.#signal = AbortSignal.any([interrupted, this.#stopping.signal]);
    this.#following = this.#follow();
  }

  /** Ends when there may be something new, or with an interruption. */
  async next(): Promise<void> {
    const begun = Date.now();
    while (!this.#changed && !this.#signal.aborted) {
      const most = this.#streaming ? this.options.reassureMilliseconds : this.options.pollMilliseconds;
      const left = begun + most - Date.now();
      if (left <= 0) break;
      await this.#wokenOrAfter(left);
    }
    this.#changed = false;
  }

  /** Lets go of the stream. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  async #wokenOrAfter(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    const signal = AbortSignal.any([this.#signal, timer.signal]);
    await Promise.race([woken, wait(milliseconds, undefined, { signal }).catch(() => {})]);
    timer.abort();
  }

  async #follow(): Promise<void> {
    for (let attempt = 0; !this.#signal.aborted; attempt += 1) {
      try {
        if (await this.#readStream()) attempt = 0;
      } catch (error) {
        // A refusal (no right to events, say) will not go away; polling goes on and shows what the monitor says.
        if (error instanceof RefusedError) return;
      } finally {
        this.#setStreaming(false);
      }
      await wait(pauseAfter(attempt), undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  /** Reads one stream to its end. True where it lived long enough to bring something. */
  async #readStream(): Promise<boolean> {
    const silence = new AbortController();
    let timer = this.#silenceTimer(silence);
    let lived = false;
    try {
      const signal = AbortSignal.any([this.#signal, silence.signal]);
      const path = `/operations/${encodeURIComponent(this.runId)}/events`;
      const response = await this.client.openEvents(path, this.#lastEventId, signal);
      // 204: the run is closed and everything was sent before.
      if (response.body === null) {
        this.#tell();
        return lived;
      }
      this.#setStreaming(true);
      for await (const part of readEventStream(response.body)) {
        clearTimeout(timer);
        timer = this.#silenceTimer(silence);
        lived = true;
        if (part.kind === 'heartbeat') continue;
        if (part.id !== null && part.id !== '') this.#lastEventId = part.id;
        this.#tell();
      }
      // The service ends a stream when there is nothing more to come.
      this.#tell();
      return lived;
    } catch (error) {
      if (lived && !(error instanceof RefusedError)) return true;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(): void {
    this.#changed = true;
    this.#wake();
  }

  #silenceTimer(silence: AbortController): NodeJS.Timeout {
    return setTimeout(() => silence.abort(), this.options.silenceMilliseconds);
  }

  /** The one who waits has to choose its time anew: without a stream it looks more often. */
  #setStreaming(streaming: boolean): void {
    this.#streaming = streaming;
    this.#wake();
  }
}
