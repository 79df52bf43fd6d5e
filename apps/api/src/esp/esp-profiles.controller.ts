import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { espChange, espOrder, espPage, espView, newEsp, pageQuery } from '@groundcrew/contracts';
import { espLimits, isReordering, moveTo, newEspSettings, type EspSettings } from '@groundcrew/domain';
import {
  addEsp,
  changeEsp,
  deleteEsp,
  findEsp,
  listEsps,
  lockEsps,
  placeEsps,
  type Esp,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, numberKey, pageAnswer } from '../routes/paging.js';
import { versionExpected } from '../routes/versions.js';
import { refuseUnfitEsp } from './check-esp.js';
import { toEspView } from './esp.view.js';

const create = operation({
  id: 'createEsp',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/espProfiles',
  tag: 'Enrollment Status Page',
  summary: 'Creates a page: at the end of the order, before the default, unless told otherwise.',
  permission: 'esp.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newEsp },
  answers: { 201: espView },
});

const list = operation({
  id: 'listEsps',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/espProfiles',
  tag: 'Enrollment Status Page',
  summary: 'Lists the pages in the order in which they are asked; the default is always there, and last.',
  permission: 'esp.read',
  query: z.strictObject(pageQuery),
  answers: { 200: espPage },
});

const read = operation({
  id: 'readEsp',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/espProfiles/{espId}',
  tag: 'Enrollment Status Page',
  summary: "Reads a page. The default one has the tenant's id.",
  permission: 'esp.read',
  answers: { 200: espView },
});

const change = operation({
  id: 'changeEsp',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/espProfiles/{espId}',
  tag: 'Enrollment Status Page',
  summary: 'Changes a page: what is named, and nothing else. The default keeps its place and is for everybody.',
  permission: 'esp.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': espChange },
  answers: { 200: espView },
});

const remove = operation({
  id: 'deleteEsp',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/espProfiles/{espId}',
  tag: 'Enrollment Status Page',
  summary: 'Deletes a page; those after it close up. What devices show already they keep.',
  permission: 'esp.write',
  headers: ['Idempotency-Key', 'If-Match'],
  answers: { 204: 'nothing' },
});

const order = operation({
  id: 'orderEsps',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/espOrder',
  tag: 'Enrollment Status Page',
  summary: 'Puts all pages but the default into this order.',
  permission: 'esp.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': espOrder },
  answers: { 200: espPage },
});

@Controller()
export class EspProfilesController {
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

  @Operation(create)
  create(call: CallOf<typeof create>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newEsp, async (unit, body) => {
      await lockEsps(unit, tenantId);
      const id = body.id ?? randomUUID();
      const draft = {
        displayName: body.displayName,
        description: body.description ?? null,
        settings: { ...newEspSettings, ...changeOf(body.settings) },
        deviceGroups: body.deviceGroups ?? [],
        userGroups: body.userGroups ?? [],
      };
      await refuseUnfitEsp(unit, tenantId, draft);
      const added = await addEsp(unit, { ...draft, tenantId, id });
      if (added === 'exists') throw new ProblemError('esp.exists');
      if (added === 'too_many') throw new ProblemError('esp.too-many');
      if (body.priority !== undefined) await place(unit, tenantId, id, body.priority);
      const view = toEspView((await findEsp(unit, tenantId, id))!);
      const location = `${this.#publicUrl}/v1/tenants/${tenantId}/espProfiles/${id}`;
      return {
        answer: { status: 201, body: view, headers: { etag: view.etag, location } },
        audit: { tenantId, action: 'esp.created', object: `esp/${id}`, data: { ...draft, priority: view.priority } },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const { after, limit } = keysetOf(call.query, numberKey);
    const all = await this.#databases.readAs(call.caller, (unit) => listEsps(unit, call.params.tenantId!));
    // There are 51 at most: a page of the list is cut from them.
    const left = all.filter((esp) => placeOf(esp) > (after ?? 0));
    const slice = { items: left.slice(0, limit), more: left.length > limit };
    return pageAnswer(call, this.#publicUrl, slice, toEspView, placeOf);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { tenantId, espId } = call.params;
    const esp = await this.#databases.readAs(call.caller, (unit) => findEsp(unit, tenantId!, espId!));
    if (esp === null) throw new ProblemError('esp.not-found');
    const view = toEspView(esp);
    return { status: 200, body: view, headers: { etag: view.etag } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.espId!;
    return this.#commands.perform(call, espChange, async (unit, body) => {
      const esp = await lockSeen(unit, tenantId, id, version);
      const isMoved = body.priority !== undefined || body.deviceGroups !== undefined || body.userGroups !== undefined;
      if (esp.priority === null && isMoved) throw new ProblemError('esp.default-is-last');
      const draft = {
        displayName: body.displayName ?? esp.displayName,
        description: body.description === undefined ? esp.description : body.description,
        settings: { ...esp.settings, ...changeOf(body.settings) },
        deviceGroups: body.deviceGroups ?? esp.deviceGroups,
        userGroups: body.userGroups ?? esp.userGroups,
      };
      await refuseUnfitEsp(unit, tenantId, draft);
      await changeEsp(unit, { ...draft, tenantId, id });
      if (body.priority !== undefined) await place(unit, tenantId, id, body.priority);
      const view = toEspView((await findEsp(unit, tenantId, id))!);
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit: { tenantId, action: 'esp.changed', object: `esp/${id}`, data: { change: body } },
      };
    });
  }

  @Operation(remove)
  remove(call: CallOf<typeof remove>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.espId!;
    return this.#commands.perform(call, null, async (unit) => {
      const esp = await lockSeen(unit, tenantId, id, version);
      if (esp.priority === null) throw new ProblemError('esp.default-stays');
      await deleteEsp(unit, tenantId, id);
      return {
        answer: { status: 204, body: null, headers: {} },
        audit: { tenantId, action: 'esp.deleted', object: `esp/${id}`, data: { displayName: esp.displayName } },
      };
    });
  }

  @Operation(order)
  order(call: CallOf<typeof order>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, espOrder, async (unit, { espIds }) => {
      await lockEsps(unit, tenantId);
      if (!isReordering(await orderOf(unit, tenantId), espIds)) throw new ProblemError('esp.not-an-order');
      await placeEsps(unit, tenantId, espIds);
      const all = await listEsps(unit, tenantId);
      return {
        answer: { status: 200, body: { value: all.map(toEspView) }, headers: {} },
        audit: { tenantId, action: 'esp.ordered', object: `tenant/${tenantId}/espOrder`, data: { espIds } },
      };
    });
  }
}

/** Where a page stands in the list: the default behind all others. */
function placeOf(esp: Esp): number {
  return esp.priority ?? espLimits.profiles;
}

/** The page as the caller has seen it, with the order held still. */
async function lockSeen(unit: Unit, tenantId: string, id: string, version: number): Promise<Esp> {
  await lockEsps(unit, tenantId);
  const esp = await findEsp(unit, tenantId, id);
  if (esp === null) throw new ProblemError('esp.not-found');
  if (esp.version !== version) throw new ProblemError('precondition.failed');
  return esp;
}

async function orderOf(unit: Unit, tenantId: string): Promise<string[]> {
  return (await listEsps(unit, tenantId)).flatMap((esp) => (esp.priority === null ? [] : [esp.id]));
}

async function place(unit: Unit, tenantId: string, id: string, priority: number): Promise<void> {
  await placeEsps(unit, tenantId, moveTo(await orderOf(unit, tenantId), id, priority));
}

/** What the change names: undefined is nothing that anybody could mean. */
function changeOf(change: { [Key in keyof EspSettings]?: EspSettings[Key] | undefined } = {}): Partial<EspSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
