import { createReadStream, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

import { now } from './send.js';

/** What is to be sent, and where. */
export interface Sending {
  url: string;
  headers: Record<string, string>;
  file: string;
}

/** When an order left, and when it was answered; milliseconds since 1970, with fractions. */
export interface Sent<Body> {
  firstByteAt: number;
  answeredAt: number;
  body: Body;
}

const { url, headers, file } = workerData as Sending;
const agent = new Agent();

const call = request(url, { agent, method: 'POST', headers: { ...headers, 'content-length': statSync(file).size } });
let firstByteAt = 0;
const body = createReadStream(file, { highWaterMark: 256 * 1024 });
body.once('data', () => (firstByteAt = now()));
// Thrown, it reaches whoever started the thread.
const fail = (error: Error): never => {
  throw error;
};
body.once('error', fail);
call.once('error', fail);
call.once('response', (response) => {
  const answeredAt = now();
  let text = '';
  response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  response.once('error', fail);
  response.once('end', () => {
    if (response.statusCode !== 202) {
      throw new Error(`the order was answered ${response.statusCode}: ${text.slice(0, 500)}`);
    }
    parentPort!.postMessage({ firstByteAt, answeredAt, body: text === '' ? null : JSON.parse(text) });
    agent.destroy();
  });
});
body.pipe(call);
