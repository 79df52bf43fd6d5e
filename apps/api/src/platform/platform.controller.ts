import { Controller, Inject } from '@nestjs/common';
import { healthView, whoamiView, type WhoamiView } from '@groundcrew/contracts';
import { ask } from '@groundcrew/persistence';
import { permissionsHeld } from '../identity/caller.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { Databases, databasesToken } from './databases.js';

const alive = operation({
  id: 'isAlive',
  method: 'GET',
  path: '/healthz',
  tag: 'Platform',
  summary: 'The process answers.',
  permission: 'public',
  answers: { 200: healthView },
});

const ready = operation({
  id: 'isReady',
  method: 'GET',
  path: '/readyz',
  tag: 'Platform',
  summary: 'The process can take calls: PostgreSQL answers. Commands are accepted while Temporal is down.',
  permission: 'public',
  answers: { 200: healthView },
});

const whoami = operation({
  id: 'whoami',
  method: 'GET',
  path: '/v1/whoami',
  tag: 'Platform',
  summary: 'Who the caller is to this service, and what he may do.',
  permission: 'self.read',
  answers: { 200: whoamiView },
});

@Controller()
export class PlatformController {
  readonly #databases: Databases;

  constructor(@Inject(databasesToken) databases: Databases) {
    this.#databases = databases;
  }

  @Operation(alive)
  alive(): Answer {
    return { status: 200, body: { status: 'ok' } };
  }

  @Operation(ready)
  async ready(): Promise<Answer> {
    try {
      await ask(this.#databases.api, 'select 1');
    } catch {
      throw new ProblemError('service.unavailable', { headers: { 'retry-after': '2' } });
    }
    return { status: 200, body: { status: 'ok' } };
  }

  @Operation(whoami)
  whoami(call: CallOf<typeof whoami>): Answer {
    const { principal, kind, roles, tenantId, partnerId } = call.caller;
    const view: WhoamiView = { principal, kind, roles, permissions: permissionsHeld(roles), tenantId, partnerId };
    return { status: 200, body: view };
  }
}
