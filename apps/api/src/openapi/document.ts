import type { Type } from '@nestjs/common';
import { orderDevice, problem } from '@groundcrew/contracts';
import { z } from 'zod';
import { isNumber } from '../routes/access.guard.js';
import { specOf, type AnswerShape, type OperationSpec } from '../routes/operation.js';

type Json = Record<string, unknown>;

/** Every operation of these controllers, in their order. @throws Error where a handler has none */
export function operationsOf(controllers: readonly Type[]): OperationSpec[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, unknown>;
    return Object.getOwnPropertyNames(prototype)
      .filter((name) => name !== 'constructor')
      .map((name) => Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown)
      .filter((value): value is object => typeof value === 'function' && Reflect.hasMetadata('path', value))
      .map((handler) => {
        const spec = specOf(handler);
        if (spec === undefined) throw new Error(`a handler of ${controller.name} has no operation`);
        return spec;
      });
  });
}

/** The OpenAPI 3.1 document: the contracts' schemas and the operations' routes, and nothing written by hand. */
export function openApiDocument(operations: readonly OperationSpec[]): Json {
  const paths: Record<string, Json> = {};
  for (const spec of operations) {
    paths[spec.path] = { ...paths[spec.path], [spec.method.toLowerCase()]: operationObject(spec) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Groundcrew',
      version: '1',
      description:
        'Registers devices, recognises them by hardware hash, and takes them out again. Commands answer 202 with a monitor; errors are problems (RFC 9457) with stable codes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: componentSchemas(operations),
    },
  };
}

function operationObject(spec: OperationSpec): Json {
  const parameters = [
    ...[...spec.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: isNumber(name!) ? { type: 'integer', minimum: 1 } : { type: 'string', format: 'uuid' },
    })),
    ...queryParameters(spec.query),
    ...(spec.headers ?? []).map((name) => ({
      name,
      in: 'header',
      required: name === 'Idempotency-Key' || name === 'If-Match',
      schema: { type: 'string' },
    })),
  ];
  return {
    operationId: spec.id,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.permission === 'public' ? { security: [] } : { description: `Permission: ${spec.permission}` }),
    ...(parameters.length > 0 && { parameters }),
    ...(spec.body !== undefined && { requestBody: { required: true, content: contentOf(spec.body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(spec.answers).map(([status, shape]) => [status, responseOf(shape)])),
      default: {
        description: 'A problem, with a stable code.',
        content: { 'application/problem+json': { schema: reference(problem) } },
      },
    },
  };
}

function contentOf(body: NonNullable<OperationSpec['body']>): Json {
  return Object.fromEntries(
    Object.entries(body).map(([type, schema]) => [
      type,
      { schema: schema === 'text' ? { type: 'string', description: 'One record a line.' } : reference(schema) },
    ]),
  );
}

function responseOf(shape: AnswerShape): Json {
  if (shape === 'nothing') return { description: 'Nothing to send.' };
  if (shape === 'events') {
    return { description: 'Server-sent events.', content: { 'text/event-stream': { schema: { type: 'string' } } } };
  }
  if (shape === 'csv') return { description: 'Rows.', content: { 'text/csv': { schema: { type: 'string' } } } };
  if (shape === 'pdf') {
    const schema = { type: 'string', format: 'binary' };
    return { description: 'A document.', content: { 'application/pdf': { schema } } };
  }
  if (shape === 'page')
    return { description: 'A page to read.', content: { 'text/html': { schema: { type: 'string' } } } };
  if (shape === 'document') {
    return { description: 'The OpenAPI document.', content: { 'application/json': { schema: { type: 'object' } } } };
  }
  return { description: 'The answer.', content: { 'application/json': { schema: reference(shape) } } };
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (query === undefined) return [];
  const schema = z.toJSONSchema(query, { io: 'output' }) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(schema.properties ?? {}).map(([name, { description, ...property }]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    ...(description !== undefined && { description }),
    schema: property,
  }));
}

/** Everything that crosses the wire as a whole has a name of its own. */
function reference(schema: z.ZodType): Json {
  return { $ref: `#/components/schemas/${nameOf(schema)}` };
}

function nameOf(schema: z.ZodType): string {
  const id = schema.meta()?.id;
  if (id === undefined) throw new Error('a schema that crosses the wire has no id');
  return id;
}

function componentSchemas(operations: readonly OperationSpec[]): Json {
  const registry = z.registry<{ id: string }>();
  const seen = new Set<z.ZodType>();
  const name = (schema: z.ZodType): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    registry.add(schema, { id: nameOf(schema) });
  };
  name(problem);
  name(orderDevice);
  for (const spec of operations) {
    for (const shape of [...Object.values(spec.answers), ...Object.values(spec.body ?? {})]) {
      if (typeof shape === 'string') continue;
      name(shape);
      for (const inner of namedInside(shape)) name(inner);
    }
  }
  const { schemas } = z.toJSONSchema(registry, { io: 'output', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas)
      .map(([id, schema]): [string, Json] => {
        const { $schema: _schema, $id: _id, id: _name, ...rest } = schema as Json;
        return [id, rest];
      })
      .sort(([left], [right]) => left.localeCompare(right)),
  );
}

/** The item of a page. */
function namedInside(schema: z.ZodType): z.ZodType[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const value = (schema.shape as Record<string, unknown>).value;
  return value instanceof z.ZodArray ? [value.element as z.ZodType] : [];
}
