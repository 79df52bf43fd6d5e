import { Controller, Inject } from '@nestjs/common';
import { runEventView } from '@groundcrew/contracts';
import { findTenant, nextRunEvents, nextTenantEvents, presentPlace, type StreamPlace } from '@groundcrew/persistence';
import type { FastifyRequest } from 'fastify';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { visibleRun } from '../runs/runs.controller.js';
import { toRunEventView } from '../runs/run.view.js';
import { eventStream, type Batch } from './event-stream.js';
import { RunFeed } from './run-feed.js';

const ofRun = operation({
  id: 'watchOperation',
  method: 'GET',
  path: '/v1/operations/{operationId}/events',
  tag: 'Events',
  summary:
    "A run's events as server-sent events. Ends when the run is closed and all is sent; 204 where nothing is left.",
  permission: 'run.read',
  headers: ['Last-Event-ID'],
  answers: { 200: 'events', 204: 'nothing' },
});

const ofTenant = operation({
  id: 'watchTenant',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/events',
  tag: 'Events',
  summary: "All events of a tenant's runs from now on, or from Last-Event-ID.",
  permission: 'run.read',
  headers: ['Last-Event-ID'],
  answers: { 200: 'events' },
});

/** How many events are read at once. */
const batchSize = 500;

@Controller()
export class EventsController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #feed: RunFeed;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    feed: RunFeed,
  ) {
    this.#databases = databases;
    this.#configuration = configuration;
    this.#feed = feed;
  }

  @Operation(ofRun)
  async ofRun(call: CallOf<typeof ofRun>): Promise<Answer> {
    const runId = call.params.operationId!;
    let last = lastSeq(call.request);
    const resumed = last > 0;
    const read = (): Promise<Batch> =>
      this.#databases.readAs(call.caller, async (unit) => {
        const next = await nextRunEvents(unit, runId, last, batchSize);
        if (next === null) return { messages: [], over: true, full: false };
        last = next.events.at(-1)?.seq ?? last;
        const messages = next.events.map((event) => ({ id: String(event.seq), data: viewOf(event) }));
        return { messages, over: next.over, full: messages.length === batchSize };
      });
    await this.#databases.readAs(call.caller, (unit) => visibleRun(unit, call.caller, runId));
    return await this.#stream(call, read, (id) => id === runId, resumed);
  }

  @Operation(ofTenant)
  async ofTenant(call: CallOf<typeof ofTenant>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const known = await this.#databases.readAs(call.caller, (unit) => findTenant(unit, tenantId));
    if (known === null) throw new ProblemError('tenant.not-found');
    let last = lastPlace(call.request) ?? (await this.#databases.readAs(call.caller, presentPlace));
    const read = (): Promise<Batch> =>
      this.#databases.readAs(call.caller, async (unit) => {
        const events = await nextTenantEvents(unit, tenantId, last, batchSize);
        last = events.at(-1) ?? last;
        const messages = events.map((event) => ({
          id: `${event.transaction}-${event.position}`,
          data: viewOf(event),
        }));
        return { messages, over: false, full: messages.length === batchSize };
      });
    return await this.#stream(call, read, null, false);
  }

  async #stream(
    call: CallOf<typeof ofRun>,
    read: () => Promise<Batch>,
    interest: ((runId: string) => boolean) | null,
    resumed: boolean,
  ): Promise<Answer> {
    const { watch, leave } = this.#feed.enter();
    try {
      if (interest !== null) watch.only(interest);
      const first = await read();
      if (resumed && first.over && first.messages.length === 0) {
        // The standard's way to tell a browser not to come back.
        leave();
        return { status: 204 };
      }
      const { pollMilliseconds, heartbeatMilliseconds } = this.#configuration.events;
      const { expiresAt } = call.caller;
      return eventStream({ watch, leave, pollMilliseconds, heartbeatMilliseconds, expiresAt, read }, first);
    } catch (error) {
      leave();
      throw error;
    }
  }
}

function viewOf(event: Parameters<typeof toRunEventView>[0]): unknown {
  return runEventView.parse(toRunEventView(event));
}

/** The last event of a run that the caller has. */
function lastSeq(request: FastifyRequest): number {
  const header = lastEventId(request);
  if (header === undefined) return 0;
  if (!/^\d{1,9}$/.test(header)) throw unknownPlace();
  return Number(header);
}

/** The last event of a tenant that the caller has. */
function lastPlace(request: FastifyRequest): StreamPlace | null {
  const header = lastEventId(request);
  if (header === undefined) return null;
  const place = /^(\d{1,18})-(\d{1,18})$/.exec(header);
  if (place === null) throw unknownPlace();
  return { transaction: place[1]!, position: place[2]! };
}

function lastEventId(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id'];
  return header === '' ? undefined : (header as string | undefined);
}

function unknownPlace(): ProblemError {
  return new ProblemError('parameter.invalid', {
    errors: [{ pointer: 'Last-Event-ID', code: 'opaque', message: 'Send the id of an event of this stream.' }],
  });
}
