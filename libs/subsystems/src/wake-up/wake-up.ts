import pg from 'pg';

/** Sleeps until somebody notifies the channel or the time is over, whichever comes first. */
export interface WakeUp {
  sleep(milliseconds: number): Promise<void>;
  wake(): void;
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own, and connects again when that breaks: a lost notification costs one sleep, never work.
 *
 * @param onFault told about a broken connection
 */
export async function listenForWakeUp(url: string, channel: string, onFault: (error: Error) => void): Promise<WakeUp> {
  let pending = false;
  let wakeSleeper: () => void = () => undefined;
  let closed = false;
  let client: pg.Client | null = null;

  const wake = (): void => {
    pending = true;
    wakeSleeper();
  };
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    next.on('notification', wake);
    next.on('error', (error) => {
      onFault(error);
      if (client === next) client = null;
      next.end().catch(() => undefined);
    });
    try {
      await next.connect();
      await next.query(`listen ${pg.escapeIdentifier(channel)}`);
      client = next;
    } catch (error) {
      onFault(error as Error);
      await next.end().catch(() => undefined);
    }
  };

  await connect();
  return {
    async sleep(milliseconds) {
      if (client === null && !closed) await connect();
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wakeSleeper = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      pending = false;
      wakeSleeper = () => undefined;
    },
    wake,
    async close() {
      closed = true;
      wake();
      await client?.end().catch(() => undefined);
    },
  };
}
