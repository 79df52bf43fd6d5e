import type { Page } from '@groundcrew/contracts';
import { UsageError } from '../usage.error.js';
import { faultOf, readAnswer, readText } from './answer.js';
import { withPatience, type Patience } from './patience.js';

export type Query = Record<string, string | undefined>;

/** A body that can be opened again, because a broken call is made again with the same key. */
export interface Resendable {
  contentType: string;
  open: () => string | AsyncIterable<Uint8Array>;
}

export interface ClientOptions {
  /** Without `/v1`. */
  apiUrl: string;
  token: string | undefined;
  patience: Patience;
}

/** The service's API, as one caller with one token sees it. */
export class ApiClient {
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #patience: Patience;

  constructor(private readonly options: ClientOptions) {
    this.#base = baseOf(options.apiUrl);
    this.#token = options.token;
    this.#patience = options.patience;
  }

  /** The same caller with other patience. */
  withPatience(patience: Partial<Patience>): ApiClient {
    return new ApiClient({ ...this.options, patience: { ...this.#patience, ...patience } });
  }

  /** Reads one thing. */
  async get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return await this.#call<Answer>('GET', this.#url(path, query), {});
  }

  /** Reads a document, as it is to the byte. */
  async text(path: string, query: Query = {}): Promise<string> {
    return await this.#call<string>('GET', this.#url(path, query), {}, undefined, readText);
  }

  /** Asks something whose question does not belong into an address. It changes nothing, so it needs no key. */
  async ask<Answer>(path: string, body: Resendable): Promise<Answer> {
    return await this.#call<Answer>('POST', this.#url(path, {}), { 'content-type': body.contentType }, body);
  }

  /** Sends a command. Whatever goes wrong on the way, the key makes it one command. */
  async command<Answer>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: { key: string; body?: Resendable; query?: Query; ifMatch?: string },
  ): Promise<Answer> {
    const headers: Record<string, string> = { 'idempotency-key': options.key };
    if (options.body !== undefined) headers['content-type'] = options.body.contentType;
    if (options.ifMatch !== undefined) headers['if-match'] = options.ifMatch;
    return await this.#call<Answer>(method, this.#url(path, options.query ?? {}), headers, options.body);
  }

  /** Puts bytes where they belong. Repeating it is harmless, so it needs no key. */
  async put<Answer>(path: string, bytes: Uint8Array, headers: Record<string, string>): Promise<Answer> {
    const body: Resendable = {
      contentType: 'application/octet-stream',
      open: async function* () {
        yield bytes;
      },
    };
    return await this.#call<Answer>('PUT', this.#url(path, {}), { 'content-type': body.contentType, ...headers }, body);
  }

  /** A file's bytes as they come. */
  async download(path: string): Promise<ReadableStream<Uint8Array>> {
    const url = this.#url(path, {});
    return await withPatience(url.origin, this.#patience, async () => {
      const headers = this.#headers({ accept: 'text/csv' });
      const response = await fetch(url, { headers, signal: this.#patience.signal, redirect: 'error' });
      if (!response.ok) throw await faultOf(response);
      return response.body as ReadableStream<Uint8Array>;
    });
  }

  /** The items of a list, page by page as they are asked for. */
  async *items<Item>(path: string, query: Query = {}): AsyncGenerator<Item> {
    for (let asked: Query | null = query; asked !== null;) {
      const page: Page<Item> = await this.get<Page<Item>>(path, asked);
      yield* page.value;
      asked = page.nextLink === undefined ? null : { ...query, ...queryOf(page.nextLink) };
    }
  }

  /** Opens a stream of events. One try: whoever follows a stream has its own way of coming back. */
  async openEvents(path: string, lastEventId: string | null, signal: AbortSignal): Promise<Response> {
    const headers = this.#headers({ accept: 'text/event-stream', 'cache-control': 'no-cache' });
    if (lastEventId !== null) headers['last-event-id'] = lastEventId;
    const response = await fetch(this.#url(path, {}), { headers, signal, redirect: 'error' });
    if (!response.ok) throw await faultOf(response);
    return response;
  }

  async #call<Answer>(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body?: Resendable,
    read: (response: Response) => Promise<unknown> = readAnswer,
  ): Promise<Answer> {
    return await withPatience(url.origin, this.#patience, async () => {
      const attempt = new AbortController();
      const upload = body === undefined ? null : new Upload(body);
      try {
        const response = await fetch(url, {
          method,
          headers: this.#headers({ accept: 'application/json', ...headers }),
          signal: AbortSignal.any([this.#patience.signal, attempt.signal]),
          // A token is for this host only.
          redirect: 'error',
          ...(upload === null ? {} : { body: upload.body, duplex: 'half' as const }),
        });
        return (await read(response)) as Answer;
      } catch (error) {
        // What failed on our side fails again: it must not look like a fault of the network.
        throw upload?.fault ?? error;
      } finally {
        // A refusal may come long before a large body is through: the rest is not worth sending.
        attempt.abort();
      }
    });
  }

  #headers(more: Record<string, string>): Record<string, string> {
    return { ...more, ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }) };
  }

  #url(path: string, query: Query): URL {
    const url = new URL(`v1${path}`, this.#base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }
}

/** A body on its way, which remembers whether it was the reading that failed. */
class Upload {
  readonly body: string | AsyncIterable<Uint8Array>;
  fault: Error | null = null;

  constructor({ open }: Resendable) {
    const opened = open();
    this.body = typeof opened === 'string' ? opened : this.#watched(opened);
  }

  async *#watched(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      this.fault = error as Error;
      throw error;
    }
  }
}

/** A link may name a host that only the service's proxy knows; what counts of it is where the list goes on. */
function queryOf(nextLink: string): Query {
  return Object.fromEntries(new URL(nextLink, 'http://any.invalid').searchParams);
}

function baseOf(apiUrl: string): URL {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--api-url (or GROUNDCREW_API_URL) must be an http or https address, not '${apiUrl}'.`);
  }
  // Both the API's address and that of its first version are taken.
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/`;
  url.search = '';
  url.hash = '';
  return url;
}
