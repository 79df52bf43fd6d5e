import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Progress } from '../progress.js';
import { othersUntil, type Others } from './during-an-order.js';
import { bareCopy, capture, forgetDevices } from './left-behind.js';
import { newOrderFile, newSingles } from './order-files.js';
import type { Plan } from './plan.js';
import { mostForeign } from './judge.js';
import { MemoryWatch, taking } from './processes.js';
import { runOrder, type ProductRun } from './product.js';
import { multiplyDevices } from './registered-base.js';
import { tenantId } from './scene.js';
import { sendFile } from './send.js';
import { connections, type Stage } from './stage.js';

/** One round: the product, and beside it the bare intake of the same bytes and the bare COPY of the same rows. */
export interface Round {
  devices: number;
  registered: number;
  product: ProductRun;
  copyMs: number;
  /** Seconds of processor time of PostgreSQL in it, and of whoever sends the rows. */
  copyProcessor: number;
  intakeMs: number;
  /** The same of the bare intake. */
  intakeProcessor: number;
  /** Others' share of the machine at most, in any part of the round. */
  foreign: number;
  /** Megabytes at most, of each process. */
  memory: Record<string, number>;
}

/** The largest order while others want something, and those others while nothing else happens. */
export interface BusyRound {
  devices: number;
  idleReads: number[];
  during: Others;
  /** Others' share of the machine at most, while it was idle and while it was busy. */
  foreign: number;
  memory: Record<string, number>;
}

/** A plan that only warms up. */
const nothing = { sizes: [], registered: [], rounds: 0, retries: 0, busyRounds: 0 };
const idleMs = 15_000;
const patienceMs = 300_000;
/** After this time no round is made again: the whole has to end within half an hour. */
const retryMs = 15 * 60_000;

/** All orders of a plan, smallest first; between the registered numbers both databases are filled in the same way. */
export async function runRounds(
  stage: Stage,
  plan: Plan,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ rounds: Round[]; busy: BusyRound[] }> {
  const rounds: Round[] = [];
  const retryUntil = performance.now() + retryMs;
  await warmUp(stage, plan, progress);
  for (const registered of plan.registered) {
    if (registered > 0) await fill(stage, plan.model, registered, progress);
    for (const devices of plan.sizes) {
      for (let number = 1; number <= plan.rounds; number += 1) {
        signal.throwIfAborted();
        const round = await quietRound(stage, devices, registered, { most: plan.retries, until: retryUntil }, progress);
        rounds.push(round);
        progress.line(described(round, number, plan.rounds));
      }
    }
  }
  const busy: BusyRound[] = [];
  for (let number = 1; number <= plan.busyRounds; number += 1) {
    signal.throwIfAborted();
    busy.push(await busyRound(stage, Math.max(...plan.sizes)));
    const { during, foreign } = busy.at(-1)!;
    const others = `foreign at most ${Math.round(foreign * 100)} %`;
    progress.line(`busy round ${number} of ${plan.busyRounds}: ${during.singles.length} single devices; ${others}`);
  }
  return { rounds, busy };
}

async function warmUp(stage: Stage, plan: Plan, progress: Progress): Promise<void> {
  progress.line(`warming up with ${plan.model} devices`);
  const file = await newOrderFile(stage.folder, plan.model);
  const run = await runOrder(productOf(stage), file, plan.model);
  await bareCopy(stage.bare, await capture(stage.product, run.runId, join(stage.folder, 'rows')), connections);
  rmSync(file);
}

async function startEmpty(stage: Stage): Promise<void> {
  await forgetDevices(stage.product);
  await forgetDevices(stage.bare);
}

/** Devices of one order become many, in both databases. */
async function fill(stage: Stage, model: number, registered: number, progress: Progress): Promise<void> {
  progress.line(`registering ${registered} devices, modelled on ${model}`);
  await startEmpty(stage);
  await warmUp(stage, { ...nothing, model }, progress);
  for (const pool of [stage.product, stage.bare]) await multiplyDevices(pool, registered);
}

/** A round that others disturbed is made again, a few times and while there is time. */
async function quietRound(
  stage: Stage,
  devices: number,
  registered: number,
  retry: { most: number; until: number },
  progress: Progress,
): Promise<Round> {
  for (let retries = 0; ; retries += 1) {
    if (registered === 0) await startEmpty(stage);
    const round = await oneRound(stage, devices, registered);
    if (round.foreign <= mostForeign || retries === retry.most || performance.now() > retry.until) return round;
    progress.line(`others took ${Math.round(round.foreign * 100)} % of the machine: the round is made again`);
  }
}

async function oneRound(stage: Stage, devices: number, registered: number): Promise<Round> {
  const file = await newOrderFile(stage.folder, devices);
  await settle(stage);
  const memory = new MemoryWatch(stage.watched);
  memory.start();
  const product = await runOrder(productOf(stage), file, devices);
  const peaks = memory.stop();

  await settle(stage);
  const intake = await taking(stage.watched, () => sendFile<object>(stage.bareIntakeUrl, {}, file));
  await stage.bare.query('truncate public.bare_piece');
  const captured = await capture(stage.product, product.runId, join(stage.folder, 'rows'));
  await settle(stage);
  const copy = await taking(stage.watched, () => bareCopy(stage.bare, captured, connections));
  rmSync(file);
  return {
    devices,
    registered,
    product,
    copyMs: copy.result,
    copyProcessor: copy.processor.postgres! + copy.processor.bench!,
    intakeMs: intake.result.answeredAt - intake.result.firstByteAt,
    intakeProcessor: intake.processor.postgres! + intake.processor.bareIntake!,
    foreign: Math.max(product.foreign, product.intake.foreign, intake.foreign, copy.foreign),
    memory: peaks,
  };
}

/** No run is under way that an order leads to, and what was written before is on the disk: nobody pays for others. */
async function settle(stage: Stage): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await stage.product.query<{ open: string }>(
      `select count(*) as open from registry.run where state in ('accepted', 'running')`,
    );
    if (rows[0]!.open === '0') break;
    if (performance.now() > deadline) throw new Error(`${rows[0]!.open} runs did not end`);
    await pause(100);
  }
  await stage.product.query('checkpoint');
}

async function busyRound(stage: Stage, devices: number): Promise<BusyRound> {
  const { rows } = await stage.product.query<{ id: string }>(
    'select id from registry.device where tenant_id = $1 order by id limit 1000',
    [tenantId],
  );
  const ids = rows.map(({ id }) => id);
  const file = await newOrderFile(stage.folder, devices);
  const singles = newSingles(1_000);
  const others = { apiUrl: stage.stack.apiUrl, admin: stage.product, pipeline: stage.pipeline, reader: stage.reader };
  await settle(stage);
  const idle = await taking(stage.watched, () => othersUntil(others, ids, [], pause(idleMs)));
  const memory = new MemoryWatch(stage.watched);
  memory.start();
  const during = await taking(stage.watched, async () => {
    const order = runOrder(productOf(stage), file, devices);
    const asked = await othersUntil(others, ids, singles, order);
    await order;
    return asked;
  });
  const peaks = memory.stop();
  rmSync(file);
  return {
    devices,
    idleReads: idle.result.reads,
    during: during.result,
    foreign: Math.max(idle.foreignOfMachine, during.foreignOfMachine),
    memory: peaks,
  };
}

function productOf(stage: Stage) {
  return { apiUrl: stage.stack.apiUrl, admin: stage.product, token: stage.pipeline, watched: stage.watched };
}

function described(
  { devices, registered, product, copyMs, intakeMs, copyProcessor, intakeProcessor, foreign }: Round,
  number: number,
  of: number,
): string {
  const rate = (milliseconds: number): string => `${Math.round((devices / milliseconds) * 1000)}/s`;
  const each = (seconds: number): string => `${Math.round((seconds / devices) * 1e6)}`;
  const spent = Object.entries(product.processor)
    .map(([name, seconds]) => `${name} ${each(seconds)}`)
    .join(', ');
  return [
    `${devices} devices, ${registered} registered, round ${number} of ${of}:`,
    `processing ${rate(product.processing)}, whole ${rate(product.whole)}, COPY ${rate(copyMs)};`,
    `202 after ${Math.round(product.untilAnswered)} ms, bare intake ${Math.round(intakeMs)} ms;`,
    `first verdict ${Math.round(product.untilFirstVerdict)} ms;`,
    `µs of processor a device: ${spent}, COPY ${each(copyProcessor)};`,
    `until the 202: api ${each(product.intake.processor.api!)}, postgres ${each(product.intake.processor.postgres!)}, bare intake ${each(intakeProcessor)};`,
    `foreign at most ${Math.round(foreign * 100)} %`,
  ].join(' ');
}
