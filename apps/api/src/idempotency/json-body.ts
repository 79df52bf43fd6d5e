import type { ProblemDetail } from '@groundcrew/contracts';
import type { z } from 'zod';
import { ProblemError } from '../problems/problem.error.js';

/** Reads JSON. @throws ProblemError that says where it stops being JSON, where that is known */
export function parseJson(body: Buffer): unknown {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // Only the place is told: the parser's own words quote the body.
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    throw new ProblemError('body.malformed-json', {
      ...(position !== undefined && {
        detail: `It stops being JSON at character ${position} (line ${lineAt(text, Number(position))}).`,
      }),
      ...(/end of JSON input/.test(message) && { detail: 'The body ends before the JSON does, or is empty.' }),
    });
  }
}

/** Holds a value against a schema. @throws ProblemError that lists every fault with a JSON Pointer */
export function shaped<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const errors = read.error.issues.flatMap((issue): ProblemDetail[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: pointerTo([...issue.path, key]),
          code: 'unknown',
          message: 'This property is not known here.',
        }))
      : [{ pointer: pointerTo(issue.path), code: issue.code, message: issue.message }],
  );
  throw new ProblemError('body.invalid', { errors: errors.slice(0, 100) });
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let index = 0; index < position; index += 1) if (text.charCodeAt(index) === 10) line += 1;
  return line;
}
