/** One event of a stream, or a sign of life without one. */
export type StreamPart = { kind: 'event'; id: string | null; name: string; data: string } | { kind: 'heartbeat' };

/**
 * Reads server-sent events. Ends when the stream ends; an event that was cut in the middle is not handed out, because the
 * number it would be resumed from came with it.
 */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamPart> {
  const decoder = new TextDecoder();
  let pending = '';
  let open = emptyEvent();
  for await (const bytes of body) {
    pending += decoder.decode(bytes, { stream: true });
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (open.data.length > 0) yield { kind: 'event', id: open.id, name: open.name, data: open.data.join('\n') };
        open = emptyEvent();
      } else if (line.startsWith(':')) {
        yield { kind: 'heartbeat' };
      } else {
        takeField(open, line);
      }
    }
  }
}

interface OpenEvent {
  id: string | null;
  name: string;
  data: string[];
}

function emptyEvent(): OpenEvent {
  return { id: null, name: 'message', data: [] };
}

function takeField(open: OpenEvent, line: string): void {
  const colon = line.indexOf(':');
  const field = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (field === 'data') open.data.push(value);
  else if (field === 'event') open.name = value;
  // The standard ignores an id with a zero byte, which could not be sent back in a header.
  else if (field === 'id' && !value.includes('\0')) open.id = value;
}
