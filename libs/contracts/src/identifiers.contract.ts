import { z } from 'zod';

/** An id as it stands on the wire: a UUID in lower case. */
export const identifier = z.guid().toLowerCase();

/** A moment, in UTC with the letter Z. */
export const moment = z.iso.datetime();

/** A name that people read. The bound is the table's. */
export const displayName = z.string().trim().min(1).max(200);
