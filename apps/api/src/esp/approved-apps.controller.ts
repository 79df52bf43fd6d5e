import { Controller, Inject } from '@nestjs/common';
import { approvedApp, approvedAppPage, approvedAppView, pageQuery, type ApprovedAppView } from '@groundcrew/contracts';
import { approveApp, listApprovedApps, withdrawApp, type ApprovedApp } from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';

const list = operation({
  id: 'listApprovedApps',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/approvedApps',
  tag: 'Enrollment Status Page',
  summary: 'Lists the applications that Windows 11 SE accepts.',
  permission: 'esp.read',
  query: z.strictObject(pageQuery),
  answers: { 200: approvedAppPage },
});

const approve = operation({
  id: 'approveApp',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/approvedApps',
  tag: 'Enrollment Status Page',
  summary: 'Declares an application as approved for Windows 11 SE; pages make such devices wait for no other.',
  permission: 'esp.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': approvedApp },
  answers: { 200: approvedAppView },
});

const withdraw = operation({
  id: 'withdrawApp',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/approvedApps/{appId}',
  tag: 'Enrollment Status Page',
  summary: 'Takes the approval of an application back.',
  permission: 'esp.write',
  headers: ['Idempotency-Key'],
  answers: { 204: 'nothing' },
});

@Controller()
export class ApprovedAppsController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #publicUrl: string;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
    this.#commands = commands;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listApprovedApps(unit, call.params.tenantId!, page),
    );
    return pageAnswer(call, this.#publicUrl, slice, toAppView, (app) => app.id);
  }

  @Operation(approve)
  approve(call: CallOf<typeof approve>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, approvedApp, async (unit, app) => {
      const body = toAppView(await approveApp(unit, tenantId, app));
      return {
        answer: { status: 200, body, headers: {} },
        audit: { tenantId, action: 'app.approved', object: `app/${app.id}`, data: { displayName: app.displayName } },
      };
    });
  }

  @Operation(withdraw)
  withdraw(call: CallOf<typeof withdraw>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const id = call.params.appId!;
    return this.#commands.perform(call, null, async (unit) => {
      if (!(await withdrawApp(unit, tenantId, id))) throw new ProblemError('app.not-found');
      return {
        answer: { status: 204, body: null, headers: {} },
        audit: { tenantId, action: 'app.withdrawn', object: `app/${id}`, data: {} },
      };
    });
  }
}

function toAppView({ id, displayName, addedAt }: ApprovedApp): ApprovedAppView {
  return { id, displayName, addedAt: momentOf(addedAt) };
}
