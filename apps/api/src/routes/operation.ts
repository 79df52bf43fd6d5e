import {
  applyDecorators,
  Delete,
  Get,
  Patch,
  Post,
  Put,
  Res,
  SetMetadata,
  createParamDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import type { Permission } from '@groundcrew/domain';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Caller } from '../identity/caller.js';

/** What an answer carries: a checked view, a stream of events, text that is served as it is, or nothing. */
export type AnswerShape = z.ZodType | 'events' | 'csv' | 'pdf' | 'page' | 'document' | 'nothing';

/** One route: the router, the guard, the validation and the OpenAPI document all read this. */
export interface OperationSpec {
  /** Its name in the OpenAPI document. */
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters in braces; those are ids, or numbers from 1 where they are called so. */
  path: string;
  tag: string;
  summary: string;
  /** What a caller needs; `public` where nobody has to say who he is. */
  permission: Permission | 'public';
  query?: z.ZodObject;
  /** Content types and what a body of that type looks like. */
  body?: Record<string, z.ZodType | 'text'>;
  /** Request headers beside the usual ones. */
  headers?: readonly ('Idempotency-Key' | 'If-Match' | 'If-None-Match' | 'Last-Event-ID' | 'Content-Digest')[];
  answers: Record<number, AnswerShape>;
}

/** What a handler is called with. */
export interface Call<Query = Record<string, never>> {
  /** Nobody, where the operation is public. */
  caller: Caller;
  /** The ids in the path, by name. */
  params: Record<string, string>;
  query: Query;
  request: FastifyRequest;
  spec: OperationSpec;
  traceId: string;
}
export type CallOf<Spec extends OperationSpec> = Call<
  Spec extends { query: infer Query extends z.ZodType } ? z.output<Query> : Record<string, never>
>;

/** What a handler answers. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A request that the guard has let through. */
export interface AdmittedRequest extends FastifyRequest {
  call?: Call<unknown>;
}

const specKey = 'groundcrew:operation';

/** Keeps the literal types of a spec, so that handlers know what their query holds. */
export function operation<const Spec extends OperationSpec>(spec: Spec): Spec {
  return spec;
}

/** Makes a method the handler of an operation. Its one argument is the call; what it returns is the answer. */
export function Operation(spec: OperationSpec): MethodDecorator {
  const verb = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete }[spec.method];
  const route = applyDecorators(verb(spec.path.replaceAll(/\{(\w+)\}/g, ':$1')), SetMetadata(specKey, spec));
  return (target, key, descriptor) => {
    CallArgument()(target, key, 0);
    // The framework would set a status of its own; with this it leaves the answer to `AnswerInterceptor`.
    Res()(target, key, 1);
    return route(target, key, descriptor);
  };
}

/** The spec of a handler; undefined where somebody forgot it, and then nobody is let through. */
export function specOf(handler: object): OperationSpec | undefined {
  return Reflect.getMetadata(specKey, handler) as OperationSpec | undefined;
}

const CallArgument = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<AdmittedRequest>().call;
});
