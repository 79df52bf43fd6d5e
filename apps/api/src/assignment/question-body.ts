import type { z } from 'zod';
import { mediaTypeOf } from '../idempotency/commands.js';
import { parseJson, shaped } from '../idempotency/json-body.js';
import { ArrivingBody } from '../idempotency/request-body.js';
import type { Call } from '../routes/operation.js';

/** The body of a question: a POST that changes nothing, and so needs no key. */
export async function readQuestionBody<Schema extends z.ZodType>(
  call: Call<unknown>,
  schema: Schema,
  stallSeconds: number,
): Promise<z.output<Schema>> {
  mediaTypeOf(call, ['application/json']);
  const body = new ArrivingBody(call.request, stallSeconds);
  try {
    return shaped(schema, parseJson(await body.whole()));
  } catch (error) {
    body.abandon();
    throw error;
  }
}
