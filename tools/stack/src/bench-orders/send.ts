import { createReadStream, statSync } from 'node:fs';
import { Agent, request } from 'node:http';

/** When an order left, and when it was answered; milliseconds since 1970, with fractions. */
export interface Sent<Body> {
  firstByteAt: number;
  answeredAt: number;
  body: Body;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** The clock that PostgreSQL on the same machine has, too. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Sends a file as one body and waits for the 202. */
export function sendFile<Body>(url: string, headers: Record<string, string>, file: string): Promise<Sent<Body>> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-length': statSync(file).size },
    });
    let firstByteAt = 0;
    const body = createReadStream(file, { highWaterMark: 256 * 1024 });
    body.once('data', () => (firstByteAt = now()));
    body.once('error', reject);
    call.once('error', reject);
    call.once('response', (response) => {
      const answeredAt = now();
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 202) {
          resolve({ firstByteAt, answeredAt, body: (text === '' ? null : JSON.parse(text)) as Body });
        } else reject(new Error(`the order was answered ${response.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    body.pipe(call);
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
