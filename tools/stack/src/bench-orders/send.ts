import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';

import type { Sending, Sent } from './sending.thread.js';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** The clock that PostgreSQL on the same machine has, too. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Sends a file as one body and waits for the 202. In a thread of its own: whoever reads a device meanwhile would otherwise wait for the
 * sender's event loop, and that would be counted as the API's.
 */
export function sendFile<Body>(url: string, headers: Record<string, string>, file: string): Promise<Sent<Body>> {
  const workerData: Sending = { url, headers, file };
  const thread = new Worker(new URL('./sending.thread.js', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the sender ended with ${code} before it was answered`)));
  });
}

/** A short call, timed. @returns milliseconds */
export function ask(
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  body = '',
): Promise<{ milliseconds: number; status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const call = request(url, { agent, method, headers });
    call.once('error', reject);
    call.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ milliseconds: performance.now() - startedAt, status: response.statusCode ?? 0, text }),
      );
    });
    call.end(body);
  });
}

export function closeConnections(): void {
  agent.destroy();
}
