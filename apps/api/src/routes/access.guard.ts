import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { identifier, type ProblemDetail } from '@groundcrew/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayDo, mayDoTo } from '../identity/abilities.js';
import type { Caller } from '../identity/caller.js';
import { Callers } from '../identity/callers.js';
import { ProblemError } from '../problems/problem.error.js';
import type { ProblemCode } from '../problems/problems.js';
import { specOf, type AdmittedRequest, type Call, type OperationSpec } from './operation.js';

/** Denies by default: who calls, what for, and whose it is are known before a handler runs or a byte of the body is read. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #callers: Callers;

  constructor(callers: Callers) {
    this.#callers = callers;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdmittedRequest>();
    const spec = specOf(context.getHandler());
    if (spec === undefined) throw new ProblemError('access.denied');
    const call: Call<unknown> = {
      caller: spec.permission === 'public' ? nobodyCalls : await this.#admit(request, spec.permission),
      params: paramsOf(request, spec),
      query: queryOf(request, spec.query),
      request,
      spec,
      traceId: request.id,
    };
    if (spec.permission !== 'public') refuseForeign(call, spec.permission);
    request.call = call;
    return true;
  }

  async #admit(request: FastifyRequest, permission: Exclude<OperationSpec['permission'], 'public'>): Promise<Caller> {
    const caller = await this.#callers.identify(request.headers.authorization);
    if (!mayDo(caller.ability, permission)) throw new ProblemError(deniedCodeOf(permission));
    return caller;
  }
}

/** How the refusal of a permission is called. Whoever opens a consent link without being an owner hears so. Source: domain.md 2.1. */
export function deniedCodeOf(permission: OperationSpec['permission']): ProblemCode {
  return permission === 'consent.decide' ? 'consent.needs-owner' : 'access.denied';
}

/** A public operation has no caller, and whoever asks for one there has made a mistake. */
const nobodyCalls = new Proxy({} as Caller, {
  get: () => {
    throw new Error('a public operation has no caller');
  },
});

/** The kinds of id in a path, and what is answered where there is no such thing. */
const notFoundOf: Record<string, ProblemCode> = {
  tenantId: 'tenant.not-found',
  partnerId: 'partner.not-found',
  operationId: 'operation.not-found',
  deviceId: 'device.not-found',
  orderId: 'order.not-found',
  groupId: 'group.not-found',
  profileId: 'profile.not-found',
  espId: 'esp.not-found',
  appId: 'app.not-found',
  schoolGroupId: 'education.group-not-found',
  userGroupId: 'user-group.not-found',
  consentId: 'consent.not-found',
  link: 'consent.not-found',
  uploadId: 'upload.not-found',
  caseId: 'case.not-found',
  partNumber: 'upload.not-found',
};

/** A parameter that counts. */
export const isNumber = (name: string): boolean => name.endsWith('Number');
const ordinal = z.string().regex(/^[1-9]\d{0,8}$/);

function paramsOf(request: FastifyRequest, spec: OperationSpec): Record<string, string> {
  const given = request.params as Record<string, string>;
  const params: Record<string, string> = {};
  for (const [, name] of spec.path.matchAll(/\{(\w+)\}/g)) {
    const id = (isNumber(name!) ? ordinal : identifier).safeParse(given[name!]);
    // What cannot be an id is nobody's id.
    if (!id.success) throw new ProblemError(notFoundOf[name!] ?? 'route.not-found');
    params[name!] = id.data;
  }
  return params;
}

function queryOf(request: FastifyRequest, schema: z.ZodObject | undefined): unknown {
  const given = request.query as Record<string, unknown>;
  if (schema === undefined) {
    const [unknown] = Object.keys(given);
    if (unknown === undefined) return {};
    throw new ProblemError('parameter.invalid', {
      errors: [{ pointer: unknown, code: 'unknown', message: 'This parameter is not known here.' }],
    });
  }
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new ProblemError('parameter.invalid', { errors: parameterFaults(read.error) });
}

function parameterFaults(error: z.ZodError): ProblemDetail[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: key, code: 'unknown', message: 'This parameter is not known here.' }))
      : [{ pointer: issue.path.join('.'), code: issue.code, message: issue.message }],
  );
}

/** Someone else's tenant or partner does not exist, as far as the caller can tell. */
function refuseForeign(call: Call<unknown>, permission: Exclude<OperationSpec['permission'], 'public'>): void {
  const { tenantId, partnerId } = call.params;
  if (tenantId === undefined && partnerId === undefined) return;
  if (mayDoTo(call.caller.ability, permission, { ...(tenantId && { tenantId }), ...(partnerId && { partnerId }) }))
    return;
  throw new ProblemError(tenantId === undefined ? 'partner.not-found' : 'tenant.not-found');
}
