import { Controller, Inject } from '@nestjs/common';
import { guardsChange, guardsView, holdView, newHold } from '@groundcrew/contracts';
import { guardsOf } from '@groundcrew/domain';
import { guardSettingsOf, liftHold, placeHold, setGuards } from '@groundcrew/persistence';
import { Commands } from '../idempotency/commands.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { etagOf, versionExpected } from '../routes/versions.js';
import { toGuardsView, toHoldView } from './deregistration.view.js';

const read = operation({
  id: 'readDeregistrationGuards',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/deregistrationGuards',
  tag: 'Deregistration',
  summary: "Reads the tenant's guards; what it never set is the default.",
  permission: 'device.read',
  answers: { 200: guardsView },
});

const change = operation({
  id: 'changeDeregistrationGuards',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/deregistrationGuards',
  tag: 'Deregistration',
  summary: 'Changes guards; what is left out stays.',
  permission: 'guards.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': guardsChange },
  answers: { 200: guardsView },
});

const place = operation({
  id: 'holdDevice',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/devices/{deviceId}/hold',
  tag: 'Deregistration',
  summary: 'Holds a device back: no plan with it can be executed.',
  permission: 'device.deregister',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newHold },
  answers: { 201: holdView },
});

const lift = operation({
  id: 'liftDeviceHold',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/devices/{deviceId}/hold',
  tag: 'Deregistration',
  summary: 'Lets a held device go. A legal hold is lifted by an owner alone.',
  permission: 'device.deregister',
  headers: ['Idempotency-Key'],
  answers: { 200: holdView },
});

@Controller()
export class DeregistrationGuardsController {
  readonly #databases: Databases;
  readonly #commands: Commands;

  constructor(@Inject(databasesToken) databases: Databases, commands: Commands) {
    this.#databases = databases;
    this.#commands = commands;
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { settings, version } = await this.#databases.readAs(call.caller, (unit) =>
      guardSettingsOf(unit, call.params.tenantId!),
    );
    return { status: 200, body: toGuardsView(guardsOf(settings), version), headers: { etag: etagOf(version) } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    const version = versionExpected(call.request);
    return this.#commands.perform(call, guardsChange, async (unit, body) => {
      const before = await guardSettingsOf(unit, tenantId);
      if (before.version !== version) throw new ProblemError('precondition.failed');
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const settings = { ...before.settings, ...given };
      if (!(await setGuards(unit, { tenantId, settings, version, principal: call.caller.principal })))
        throw new ProblemError('precondition.failed');
      const after = await guardSettingsOf(unit, tenantId);
      return {
        answer: {
          status: 200,
          body: toGuardsView(guardsOf(after.settings), after.version),
          headers: { etag: etagOf(after.version) },
        },
        audit: { tenantId, action: 'guards.change', object: 'deregistration-guards', data: given },
      };
    });
  }

  @Operation(place)
  place(call: CallOf<typeof place>): Promise<Answer> {
    const { tenantId, deviceId } = call.params;
    return this.#commands.perform(call, newHold, async (unit, { kind, reason }) => {
      const hold = await placeHold(unit, {
        tenantId: tenantId!,
        deviceId: deviceId!,
        kind,
        reason,
        principal: call.caller.principal,
      });
      if (hold === null) throw new ProblemError('device.not-found', { detail: 'Unknown, or held already.' });
      return {
        answer: { status: 201, body: toHoldView(hold), headers: {} },
        audit: { tenantId: tenantId!, action: 'device.hold', object: `device/${deviceId}`, data: { kind, reason } },
      };
    });
  }

  @Operation(lift)
  lift(call: CallOf<typeof lift>): Promise<Answer> {
    const { tenantId, deviceId } = call.params;
    return this.#commands.perform(call, null, async (unit) => {
      const hold = await liftHold(unit, tenantId!, deviceId!);
      if (hold === null) throw new ProblemError('device.not-found', { detail: 'It is not held.' });
      if (hold.kind === 'legal_hold' && !call.caller.roles.includes('tenant_owner'))
        throw new ProblemError('access.denied', { detail: 'A legal hold is lifted by an owner alone.' });
      return {
        answer: { status: 200, body: toHoldView(hold), headers: {} },
        audit: {
          tenantId: tenantId!,
          action: 'device.hold-lifted',
          object: `device/${deviceId}`,
          data: { kind: hold.kind },
        },
      };
    });
  }
}
