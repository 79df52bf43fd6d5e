import { z } from 'zod';

const environment = z
  .object({
    GROUNDCREW_DATABASE_NEIGHBOURS_URL: z.string().min(1),
    /** How long the process sleeps when nobody wakes it, in milliseconds. */
    GROUNDCREW_NEIGHBOURS_POLL_MS: z.coerce.number().int().positive().default(500),
    /** How long an accepted request rests before it is applied, in milliseconds; 0 applies at once. */
    GROUNDCREW_NEIGHBOURS_APPLY_DELAY_MS: z.coerce.number().int().nonnegative().default(0),
    /** The same for management, where it is also how long a removal can be taken back; absent: the same. */
    GROUNDCREW_MANAGEMENT_APPLY_DELAY_MS: z.coerce.number().int().nonnegative().optional(),
    /** How many accepted requests are applied in one transaction. */
    GROUNDCREW_NEIGHBOURS_BATCH: z.coerce.number().int().positive().default(4),
    /** Whether neighbours may be told to misbehave. For demos and tests. */
    GROUNDCREW_MISBEHAVIOUR: z.enum(['refused', 'allowed']).default('refused'),
    NODE_ENV: z.string().optional(),
  })
  .refine((read) => read.GROUNDCREW_MISBEHAVIOUR === 'refused' || read.NODE_ENV !== 'production', {
    path: ['GROUNDCREW_MISBEHAVIOUR'],
    message: 'neighbours do not misbehave in production',
  });

/** The only place of this process that reads the environment. @throws ZodError that lists every fault at once */
export function readConfiguration(source: NodeJS.ProcessEnv) {
  const read = environment.parse(source);
  return {
    databaseUrl: read.GROUNDCREW_DATABASE_NEIGHBOURS_URL,
    pollMs: read.GROUNDCREW_NEIGHBOURS_POLL_MS,
    applyDelayMs: read.GROUNDCREW_NEIGHBOURS_APPLY_DELAY_MS,
    managementDelayMs: read.GROUNDCREW_MANAGEMENT_APPLY_DELAY_MS ?? read.GROUNDCREW_NEIGHBOURS_APPLY_DELAY_MS,
    mayMisbehave: read.GROUNDCREW_MISBEHAVIOUR === 'allowed',
    batch: read.GROUNDCREW_NEIGHBOURS_BATCH,
  };
}
