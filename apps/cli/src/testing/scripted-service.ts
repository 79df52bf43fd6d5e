import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What happens to one request. It gets what was seen of it and the answer to play. */
export type Scene = (response: ServerResponse, seen: SeenRequest, request: IncomingMessage) => void;

/** A real HTTP server that plays scenes, the next one for each request to an address; the last is played again. */
export class ScriptedService {
  readonly seen: SeenRequest[] = [];
  readonly #scenes = new Map<string, Scene[]>();
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What arrived at an address, in order. */
  at(address: string): SeenRequest[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === address);
  }

  /** @param address method and path, such as `GET /v1/operations` */
  plays(address: string, ...scenes: Scene[]): this {
    this.#scenes.set(address, scenes);
    return this;
  }

  /** Listens, the second time at the same port as before. */
  async start(): Promise<void> {
    this.#server = createServer((request, response) => void this.#play(request, response));
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection, as a killed process does. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #play(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: '',
    };
    this.seen.push(seen);
    const scenes = this.#scenes.get(`${seen.method} ${seen.path}`);
    const scene = scenes !== undefined && scenes.length > 1 ? scenes.shift()! : scenes?.[0];
    if (scene === undefined) return refuses(404, 'route.not-found', 'There is nothing here.')(response, seen, request);
    if (isEarly(scene)) return scene(response, seen, request);
    try {
      for await (const chunk of request) seen.body += String(chunk);
    } catch {
      return;
    }
    scene(response, seen, request);
  }
}

const earlyScenes = new WeakSet<Scene>();
const isEarly = (scene: Scene) => earlyScenes.has(scene);

/** Played before the body has been read. */
export function early(scene: Scene): Scene {
  const own: Scene = (...given) => scene(...given);
  earlyScenes.add(own);
  return own;
}

/** Answers with JSON. */
export function answers(status: number, body: unknown, headers: Record<string, string> = {}): Scene {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Answers with a problem. */
export function refuses(
  status: number,
  code: string,
  title: string,
  { headers = {}, ...more }: { headers?: Record<string, string>; [member: string]: unknown } = {},
): Scene {
  return (response) => {
    const problem = { type: `urn:groundcrew:problem:${code}`, title, status, code, traceId: 'trace-7', ...more };
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(problem));
  };
}

/** Cuts the connection without an answer. */
export const hangsUp: Scene = (response) => {
  response.socket?.destroy();
};

/** Streams text as server-sent events and then ends, is cut, or stays open. */
export function streams(text: string, then: 'ends' | 'is cut' | 'stays'): Scene {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => {
      if (then === 'ends') response.end();
      if (then === 'is cut') response.socket?.destroy();
    });
  };
}
