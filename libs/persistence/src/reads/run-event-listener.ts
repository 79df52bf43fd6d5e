import pg from 'pg';

/** Tells who waits that something happened to a run. A call may be missed: waiters look again by themselves, too. */
export interface RunEventListener {
  /** @returns how to stop hearing */
  subscribe(heard: (runId: string) => void): () => void;
  close(): Promise<void>;
}

/** Listens on one connection for the whole process; connects again when it breaks. */
export function listenToRunEvents(options: {
  url: string;
  applicationName: string;
  reconnectMilliseconds: number;
  lost: (error: unknown) => void;
}): RunEventListener {
  const subscribers = new Set<(runId: string) => void>();
  let client: pg.Client | null = null;
  let retry: NodeJS.Timeout | null = null;
  let closed = false;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    let given = false;
    const giveUp = (error: unknown): void => {
      if (given) return;
      given = true;
      next.end().catch(() => undefined);
      if (client === next) client = null;
      if (closed) return;
      options.lost(error);
      retry = setTimeout(() => void connect(), options.reconnectMilliseconds);
      retry.unref();
    };
    next.on('error', giveUp);
    next.on('end', () => giveUp(new Error('the connection ended')));
    next.on('notification', (message) => {
      for (const heard of subscribers) heard(message.payload ?? '');
    });
    try {
      client = next;
      await next.connect();
      await next.query('listen groundcrew_run_event');
    } catch (error) {
      giveUp(error);
    }
  };
  void connect();

  return {
    subscribe: (heard) => {
      subscribers.add(heard);
      return () => void subscribers.delete(heard);
    },
    close: async () => {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
