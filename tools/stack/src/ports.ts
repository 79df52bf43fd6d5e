import { createServer } from 'node:net';

// Ephemeral ports begin at 32768 on Linux: whatever listens there collides sooner or later with an outgoing connection.
const LOWEST = 20_000;
const HIGHEST = 32_000;

const handedOut = new Set<number>();

/** The preferred port if it is free, else a free one between 20,000 and 32,000 that this process has not given away yet. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && !handedOut.has(preferred) && (await isFree(preferred))) {
    handedOut.add(preferred);
    return preferred;
  }
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`No free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`);
}

/** A server that has stopped gives its port back, so that it finds it again when it is started in the same process. */
export function givePortBack(port: number): void {
  handedOut.delete(port);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
