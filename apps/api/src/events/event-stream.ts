import { Readable } from 'node:stream';
import type { Answer } from '../routes/operation.js';
import type { Watch } from './run-feed.js';

/** One message of a stream. */
export interface StreamMessage {
  id: string;
  data: unknown;
}

/** What a stream reads next. `over` says that nothing will ever follow. */
export interface Batch {
  messages: StreamMessage[];
  over: boolean;
  /** There is more right now. */
  full: boolean;
}

export interface StreamOptions {
  watch: Watch;
  leave: () => void;
  pollMilliseconds: number;
  heartbeatMilliseconds: number;
  /** When the caller's token ends, in seconds since 1970: nobody watches longer than he may. */
  expiresAt: number;
  read: () => Promise<Batch>;
}

/** Server-sent events. Whoever comes back with Last-Event-ID goes on where he was. Source: HTML Living Standard 9.2. */
export function eventStream(options: StreamOptions, first: Batch): Answer {
  const stream = Readable.from(written(options, first), { objectMode: false });
  // The server destroys the stream when the caller goes away.
  stream.on('close', options.leave);
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy that buffers would hold events back.
      'x-accel-buffering': 'no',
    },
    body: stream,
  };
}

async function* written(options: StreamOptions, first: Batch): AsyncGenerator<string> {
  const { watch } = options;
  let batch = first;
  let spokenAt = Date.now();
  try {
    yield `: watching\nretry: ${options.pollMilliseconds}\n\n`;
    for (;;) {
      if (batch.messages.length > 0) {
        yield batch.messages.map(toText).join('');
        spokenAt = Date.now();
      }
      if (batch.over || watch.over || Date.now() >= options.expiresAt * 1000) return;
      if (!batch.full) {
        const untilHeartbeat = spokenAt + options.heartbeatMilliseconds - Date.now();
        await watch.next(Math.max(0, Math.min(options.pollMilliseconds, untilHeartbeat)));
        if (watch.over) return;
        if (Date.now() >= spokenAt + options.heartbeatMilliseconds) {
          yield ': still here\n\n';
          spokenAt = Date.now();
        }
      }
      batch = await options.read();
    }
  } finally {
    options.leave();
  }
}

/** JSON has no raw line breaks, so the data is always one line. */
function toText(message: StreamMessage): string {
  return `id: ${message.id}\ndata: ${JSON.stringify(message.data)}\n\n`;
}
