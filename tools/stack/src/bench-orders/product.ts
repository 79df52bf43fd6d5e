import { setTimeout as pause } from 'node:timers/promises';

import type pg from 'pg';

import { taking, type Watched } from './processes.js';
import { orderAddress, orderHeaders } from './scene.js';
import { sendFile } from './send.js';

/** What came of one order. Milliseconds, and seconds of processor time. */
export interface ProductRun {
  runId: string;
  devices: number;
  untilAnswered: number;
  /** From the 202 to the last verdict. */
  processing: number;
  /** From the first byte to the last verdict. */
  whole: number;
  /** From the 202 until verdicts can be read; 0 where they could be even before it. */
  untilFirstVerdict: number;
  /** Of every process of ours, from the 202 to the last verdict. */
  processor: Record<string, number>;
  /** Of everybody else on this machine in the same time, as a share of it. */
  foreign: number;
  /** The same from the first byte to the 202. */
  intake: { processor: Record<string, number>; foreign: number };
}

/** Sends an order, waits for its last verdict, and counts that all of them are there. */
export async function runOrder(
  stage: { apiUrl: string; admin: pg.Pool; token: string; watched: Watched },
  file: string,
  devices: number,
): Promise<ProductRun> {
  const { result: sent, ...intake } = await taking(stage.watched, () =>
    sendFile<{ id: string }>(orderAddress(stage.apiUrl), orderHeaders(stage.token), file),
  );
  const runId = sent.body.id;
  const { result: closed, processor, foreign } = await taking(stage.watched, () => closedRun(stage.admin, runId));
  if (closed.registered !== devices) {
    throw new Error(`of ${devices} devices ${closed.registered} were registered: ${JSON.stringify(closed)}`);
  }
  return {
    runId,
    devices,
    untilAnswered: sent.answeredAt - sent.firstByteAt,
    processing: closed.finishedAt - sent.answeredAt,
    whole: closed.finishedAt - sent.firstByteAt,
    untilFirstVerdict: Math.max(0, closed.firstVerdictAt - sent.answeredAt),
    processor,
    foreign,
    intake,
  };
}

interface ClosedRun {
  registered: number;
  finishedAt: number;
  firstVerdictAt: number;
}

/** Rarely: PostgreSQL says when the run ended, and whoever asks takes a processor from what is measured. */
const pollEveryMs = 250;

async function closedRun(admin: pg.Pool, runId: string): Promise<ClosedRun> {
  for (;;) {
    const { rows } = await admin.query<{ state: string }>('select state from registry.run where id = $1', [runId]);
    if (rows[0]!.state === 'completed') break;
    if (rows[0]!.state !== 'accepted' && rows[0]!.state !== 'running') throw new Error(`the run is ${rows[0]!.state}`);
    await pause(pollEveryMs);
  }
  const { rows } = await admin.query<{ registered: number; finished: string; first: string }>(
    `select (r.counts->>'registered')::integer as registered, extract(epoch from r.finished_at) * 1000 as finished,
            extract(epoch from (select min(e.at) from registry.run_event e where e.run_id = r.id and e.kind = 'chunk.settled')) * 1000 as first
     from registry.run r where r.id = $1`,
    [runId],
  );
  const row = rows[0]!;
  return { registered: row.registered, finishedAt: Number(row.finished), firstVerdictAt: Number(row.first) };
}
