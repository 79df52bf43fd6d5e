import { z } from 'zod';

/** One fault among several, with the place it is at. */
export const problemDetail = z.strictObject({
  pointer: z.string().meta({ description: 'JSON Pointer into the body, or the name of a parameter or header.' }),
  code: z.string(),
  message: z.string(),
  position: z.int().optional().meta({ description: 'Where in a text that is held against a grammar.' }),
  length: z.int().optional(),
});

/** What every refusal looks like. Codes are contract, sentences are not. Source: RFC 9457, interfaces-security.md 2.1. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    code: z.string(),
    traceId: z.string(),
    operationId: z.string().optional(),
    errors: z.array(problemDetail).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
export type ProblemDetail = z.infer<typeof problemDetail>;
