import type { RunEventView, RunItemView, RunView } from '@groundcrew/contracts';
import { generateFleet, type FleetDevice } from '@groundcrew/fleet';
import {
  ephemeralFolder,
  removeEphemeralFolder,
  sharedTestServers,
  startStack,
  type AppRole,
  type Stack,
  type StackOptions,
} from '@groundcrew/stack';
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';

/** The whole product running, with what a test asks of it through its front door. */
export interface RunningStack {
  stack: Stack;
  /** Past all policies: for checkers, which read tables directly and never through the API. */
  admin: pg.Pool;
  /** A tenant and a partner that it authorised. */
  aCustomer(): Promise<Customer>;
  call(path: string, token: string, init?: RequestInit): Promise<Answer>;
  /** Sends a command as JSON, or without a body, under a key of its own. */
  post(path: string, token: string, body?: object): Promise<Answer>;
  token(role: AppRole, tid: string): Promise<string>;
  /** Submits an order as JSON Lines. Repeats the same request while the API is away, as a client would. */
  submit(customer: Customer, lines: string[], key?: string): Promise<RunView>;
  run(customer: Customer, runId: string): Promise<RunView>;
  /** Waits until the run is closed. */
  finished(customer: Customer, runId: string, patienceMs?: number): Promise<RunView>;
  items(customer: Customer, runId: string): Promise<RunItemView[]>;
  stop(): Promise<void>;
}

export interface Customer {
  tenantId: string;
  partnerId: string;
  /** Bearer tokens. */
  owner: string;
  administrator: string;
  pipeline: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is whatever the test expects of it
  body: any;
}

/** With servers of its own (`own`: tests that kill them), or beside the others on the shared ones. */
export async function startRunningStack(
  servers: 'own' | 'shared',
  extraEnv: Record<string, string> = {},
  more: Partial<StackOptions> = {},
): Promise<RunningStack> {
  const folder = ephemeralFolder('system');
  const name = `system_${randomBytes(4).toString('hex')}`;
  const stack = await startStack({
    folder,
    supervise: false,
    ports: 'free',
    servers: servers === 'own' ? 'own' : sharedTestServers(),
    database: name,
    extraEnv: { GROUNDCREW_TASK_QUEUE_PREFIX: `${name}-`, ...extraEnv },
    ...more,
  });
  const adminUrl = new URL(stack.adminUrl);
  adminUrl.pathname = `/${name}`;
  const admin = new pg.Pool({ connectionString: adminUrl.href, max: 3, connectionTimeoutMillis: 5_000 });
  admin.on('error', () => undefined);
  const token = (role: AppRole, tid: string) => stack.mintToken({ role, tid });

  const call = async (path: string, bearer: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${stack.apiUrl}/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${bearer}`, ...(init.headers as Record<string, string> | undefined) },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  };
  const post = (path: string, bearer: string, body?: object): Promise<Answer> =>
    call(path, bearer, {
      method: 'POST',
      headers: { 'idempotency-key': randomUUID(), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const command = async (path: string, bearer: string, body: object): Promise<void> => {
    const answer = await post(path, bearer, body);
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };

  const running: RunningStack = {
    stack,
    admin,
    call,
    post,
    token,
    async aCustomer() {
      const [tenantId, partnerId, directoryTenantId] = [randomUUID(), randomUUID(), randomUUID()];
      const operator = await token('Operator', randomUUID());
      await command('/tenants', operator, { id: tenantId, kind: 'organisation', displayName: 'Contoso' });
      await command('/partners', operator, { id: partnerId, kind: 'oem', displayName: 'Northwind', directoryTenantId });
      const owner = await token('Tenant.Owner', tenantId);
      await command(`/tenants/${tenantId}/consents`, owner, { partnerId });
      return {
        tenantId,
        partnerId,
        owner,
        administrator: await token('Device.Administrator', tenantId),
        pipeline: await token('Oem.Pipeline', directoryTenantId),
      };
    },
    async submit(customer, lines, key = randomUUID()) {
      const path = `/partners/${customer.partnerId}/orders?tenantId=${customer.tenantId}&purchaseOrderIdentifier=PO-1`;
      const deadline = Date.now() + 60_000;
      for (;;) {
        try {
          const answer = await call(path, customer.pipeline, {
            method: 'POST',
            body: lines.join('\n'),
            headers: { 'content-type': 'application/jsonl', 'idempotency-key': key },
          });
          if (answer.status === 202) return answer.body as RunView;
          if (![409, 429, 500, 503].includes(answer.status) || Date.now() > deadline) {
            throw new Error(`the order was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
          }
        } catch (error) {
          // By its name: jest's TypeError is not that of fetch.
          if ((error as Error).name !== 'TypeError' || Date.now() > deadline) throw error;
        }
        await pause(200);
      }
    },
    async run(customer, runId) {
      const answer = await call(`/operations/${runId}`, customer.pipeline);
      if (answer.status !== 200)
        throw new Error(`the run cannot be read: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as RunView;
    },
    async finished(customer, runId, patienceMs = 60_000) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const run = await running.run(customer, runId).catch(() => null);
        if (run?.done === true) return run;
        if (Date.now() > deadline) throw new Error(`run ${runId} did not end: ${JSON.stringify(run)}`);
        await pause(50);
      }
    },
    async items(customer, runId) {
      const items: RunItemView[] = [];
      for (let path: string | undefined = `/operations/${runId}/items?maxpagesize=500`; path !== undefined;) {
        const answer: Answer = await call(path, customer.pipeline);
        items.push(...(answer.body.value as RunItemView[]));
        const next: string | undefined = answer.body.nextLink;
        path = next === undefined ? undefined : next.slice(next.indexOf('/v1') + 3);
      }
      return items;
    },
    async stop() {
      await admin.end();
      await stack.stop();
      if (servers === 'shared') {
        const cleaner = new pg.Client({ connectionString: stack.adminUrl });
        await cleaner.connect();
        await cleaner.query(`drop database if exists ${name} with (force)`);
        await cleaner.end();
      }
      removeEphemeralFolder(folder);
    },
  };
  return running;
}

let nextSeed = (process.pid % 500) * 32;

/** New devices, as lines of JSON. No two calls of a test run bring the same hardware. */
export function devices(
  count: number,
  more: Partial<FleetDevice> & { groupTag?: string } = {},
): { lines: string[]; fleet: FleetDevice[] } {
  const fleet = [...generateFleet({ seed: (nextSeed += 2) % 16_384, devices: count })];
  return { fleet, lines: fleet.map((device) => JSON.stringify({ ...device, ...more })) };
}

/** Reads a stream of server-sent events until it ends or enough were seen. */
export async function readEvents(
  url: string,
  token: string,
  options: { lastEventId?: string; atMost?: number } = {},
): Promise<{ id: string; event: RunEventView }[]> {
  const abort = new AbortController();
  const response = await fetch(url, {
    signal: abort.signal,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
    },
  });
  if (response.status !== 200) throw new Error(`no events: ${response.status} ${await response.text()}`);
  const events: { id: string; event: RunEventView }[] = [];
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      text = text.slice(end + 2);
      const data = fields.get('data');
      if (data !== undefined) events.push({ id: fields.get('id') ?? '', event: JSON.parse(data) as RunEventView });
      if (options.atMost !== undefined && events.length >= options.atMost) {
        abort.abort();
        return events;
      }
    }
  }
  return events;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
