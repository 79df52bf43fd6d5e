import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunView } from '@groundcrew/contracts';
import { ApiClient } from '../api/api-client.js';
import { aFinishedRun, aRun, runId } from '../testing/a-run.js';
import { ScriptedService, answers, hangsUp, refuses, streams } from '../testing/scripted-service.js';
import { usualFollowing, type FollowOptions } from './run-changes.js';
import { watchRun } from './watch-run.js';

const monitor = `GET /v1/operations/${runId}`;
const events = `GET /v1/operations/${runId}/events`;
const event = (seq: number) => `id: ${seq}\ndata: {"seq":${seq}}\n\n`;

describe('watching a run', () => {
  const service = new ScriptedService();

  beforeEach(async () => {
    service.seen.length = 0;
    await service.start();
  });
  afterEach(() => service.stop());

  async function watched(
    following: Partial<FollowOptions>,
    onRun: (run: RunView) => Promise<void> = async () => {},
    interrupted = new AbortController().signal,
  ): Promise<number[]> {
    const patience = { milliseconds: 20_000, signal: interrupted, onPause: () => {} };
    const client = new ApiClient({ apiUrl: service.url, token: 'a-token', patience });
    const options = { paceMilliseconds: 10, interrupted, following: { ...usualFollowing, ...following } };
    const decided: number[] = [];
    for await (const run of watchRun(client, runId, options)) {
      decided.push(run.decided);
      await onRun(run);
    }
    return decided;
  }

  it('comes back with Last-Event-ID when the stream is cut in the middle of an event', async () => {
    service.plays(events, streams(`${event(1)}${event(2)}id: 3\nda`, 'is cut'), streams(event(3), 'stays'));
    service.plays(monitor, (response, seen, request) => {
      const resumed = service.at(events).length > 1;
      answers(200, resumed ? aFinishedRun() : aRun({ decided: 2 }))(response, seen, request);
    });
    const decided = await watched({ pollMilliseconds: 60_000, reassureMilliseconds: 60_000 });
    expect(decided.at(-1)).toBe(10);
    expect(service.at(events).map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2']);
  });

  it.each([
    ['is refused', refuses(403, 'access.denied', 'No.')],
    ['breaks each time', hangsUp],
  ])('falls back to polling where the stream %s', async (_case, scene) => {
    service.plays(events, scene);
    service.plays(monitor, answers(200, aRun()), answers(200, aRun({ decided: 5 })), answers(200, aFinishedRun()));
    expect(await watched({ pollMilliseconds: 50 })).toEqual([0, 5, 10]);
  });

  it('gives up a stream that has gone silent, without a heartbeat', async () => {
    service.plays(events, streams(': watching\n\n', 'stays'), streams(event(1), 'stays'));
    service.plays(monitor, (response, seen, request) => {
      answers(200, service.at(events).length > 1 ? aFinishedRun() : aRun())(response, seen, request);
    });
    const decided = await watched({
      silenceMilliseconds: 200,
      pollMilliseconds: 60_000,
      reassureMilliseconds: 60_000,
    });
    expect(decided).toEqual([0, 10]);
  });

  it('survives a restart of the service', async () => {
    service.plays(events, streams(event(1), 'stays'));
    service.plays(monitor, answers(200, aRun({ decided: 3 })), answers(200, aFinishedRun()));
    let restarted: Promise<void> | null = null;
    const decided = await watched({ pollMilliseconds: 50 }, async (run) => {
      if (run.decided !== 3) return;
      await service.stop();
      restarted = new Promise((resolve) => setTimeout(() => resolve(service.start()), 1_000));
    });
    await restarted;
    expect(decided).toEqual([3, 10]);
  });

  it('lets go at once when the user interrupts', async () => {
    service.plays(events, streams(event(1), 'stays')).plays(monitor, answers(200, aRun()));
    const interruption = new AbortController();
    const watching = watched({}, async () => void setTimeout(() => interruption.abort(), 50), interruption.signal);
    await expect(watching).rejects.toMatchObject({ name: 'AbortError' });
  });
});
