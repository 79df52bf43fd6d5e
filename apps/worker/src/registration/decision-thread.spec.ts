import { afterEach, describe, expect, it } from '@jest/globals';
import { orderRows } from '@groundcrew/fleet';
import { createSealer, hashContext, type Candidate, type OpenChunk } from '@groundcrew/persistence/without-orm';
import { openSnapshot } from '@groundcrew/persistence/without-database';
import { randomBytes } from 'node:crypto';
import type { NamedRow, Resolution } from '../makers/names-on-file.js';
import { deciderHere, DecisionThread } from './decision-thread.js';
import { createDigests } from './digests.js';

const keys = { sealing: randomBytes(32), identity: randomBytes(32) };
const tools = { sealer: createSealer(keys.sealing), digests: createDigests(keys.identity) };
const compiled = new URL('../../dist/registration/deciding.thread.js', import.meta.url);
const context = 'a part of an order';

const threads: DecisionThread[] = [];
function aThread(heap?: { maxOldGenerationSizeMb: number; maxYoungGenerationSizeMb: number }): DecisionThread {
  const thread = new DecisionThread(keys, tools, { file: compiled, ...(heap && { heap }) });
  threads.push(thread);
  return thread;
}
afterEach(async () => void (await Promise.all(threads.splice(0).map((thread) => thread.close()))));

const nothingOnFile = async (rows: readonly NamedRow[]): Promise<Resolution[]> =>
  rows.map(({ line }) => ({ line, refusal: { verdict: 'not_on_file', code: 'maker.not-on-file', message: 'none' } }));

function aChunk(lines: readonly string[]): OpenChunk {
  return {
    kind: 'registration_order',
    validateOnly: false,
    partnerId: 'partner',
    format: 'jsonl',
    csvHeader: null,
    defaults: { groupTag: 'Sales' },
    firstLine: 11,
    lineCount: lines.length,
    sealedBody: tools.sealer.seal(Buffer.from(lines.join('\n')), context),
  };
}

/** Rows of every kind that a fleet's order brings, with one that is no JSON, one cut short and one that names its device. */
function rowsOfAnOrder(devices: number): string[] {
  const sent = Array.from(orderRows({ seed: 7, devices, mix: 'order' }), ({ row }) => JSON.stringify(row));
  return [...sent, 'no JSON', '{"hardwareIdentifier":"AAAA"}', ' {"productKey":"PK-1"}'];
}

/** What the same rows come to whoever decides them: ids and nonces are drawn anew. */
function comparable(candidate: Candidate) {
  const { deviceId, sealedHash, sealedSnapshot, claims, keys, platform } = candidate;
  const { line, manufacturer, model, serialNumber, productKey, groupTag, purchaseOrder } = candidate;
  const { designation, hashLevel, hashLength, tupleDigest } = candidate;
  return {
    ...{ line, manufacturer, model, serialNumber, productKey, groupTag, purchaseOrder },
    ...{ designation, hashLevel, hashLength, tupleDigest, claims, keys, platform },
    hash: tools.sealer.open(sealedHash, hashContext(deviceId)).toString('hex'),
    snapshot: sealedSnapshot === null ? null : openSnapshot(tools.sealer, deviceId, sealedSnapshot),
  };
}

describe('deciding in a thread', () => {
  it('comes to what deciding here comes to', async () => {
    const lines = rowsOfAnOrder(300);
    const here = await deciderHere(tools).decide(aChunk(lines), context, nothingOnFile);
    const there = await aThread().decide(aChunk(lines), context, nothingOnFile);
    expect(here.candidates.length).toBeGreaterThan(200);
    expect(there.candidates.map(comparable)).toEqual(here.candidates.map(comparable));
    expect(there.rejected).toEqual(here.rejected);
    expect(there.corrected).toEqual(here.corrected);
    expect(there.arrived.firstLine).toBe(11);
    expect(there.arrived.body.toString()).toBe(lines.join('\n'));
  });

  it('decides a few rows here, while the thread is busy', async () => {
    const thread = aThread();
    const order: string[] = [];
    const large = thread.decide(aChunk(rowsOfAnOrder(400)), context, nothingOnFile).then(() => order.push('large'));
    await thread.decide(aChunk(rowsOfAnOrder(1)), context, nothingOnFile).then(() => order.push('small'));
    await large;
    expect(order).toEqual(['small', 'large']);
  });

  it('asks for the rows that name their device, and hears why that fails', async () => {
    const lines = Array.from({ length: 150 }, (_, index) => JSON.stringify({ productKey: `PK-${index}` }));
    const thread = aThread();
    const asked: number[] = [];
    const decided = await thread.decide(aChunk(lines), context, async (rows) => {
      asked.push(rows.length);
      return await nothingOnFile(rows);
    });
    expect(asked).toEqual([150]);
    expect(decided.rejected.map(({ verdict }) => verdict)).toEqual(lines.map(() => 'not_on_file'));
    const failing = thread.decide(aChunk(lines), context, async () => {
      throw new Error('the database went away');
    });
    await expect(failing).rejects.toThrow('the database went away');
  });

  it('says so where a part was sealed for something else', async () => {
    const chunk = aChunk(rowsOfAnOrder(120));
    await expect(aThread().decide(chunk, 'another part', nothingOnFile)).rejects.toThrow(/authenticate/);
  });

  it('loses a chunk and not the process when its heap is full, and decides those that waited', async () => {
    const thread = aThread({ maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 6 });
    const endless = Array.from({ length: 400_000 }, () => '{}');
    const lost = thread.decide(aChunk(endless), context, nothingOnFile);
    const waiting = [120, 150].map((devices) => thread.decide(aChunk(rowsOfAnOrder(devices)), context, nothingOnFile));
    await expect(lost).rejects.toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
    const [first, second] = await Promise.all(waiting);
    expect(first!.candidates.length).toBeGreaterThan(80);
    expect(second!.candidates.length).toBeGreaterThan(first!.candidates.length);
  });

  it('ends in the middle of a chunk', async () => {
    const thread = aThread();
    const decided = thread.decide(aChunk(rowsOfAnOrder(500)), context, nothingOnFile);
    const outcome = expect(decided).rejects.toThrow();
    await thread.close();
    await outcome;
  });
});
