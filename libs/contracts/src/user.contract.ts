import { z } from 'zod';
import { displayName, identifier, moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

export const newUser = z
  .strictObject({
    id: identifier.optional().meta({ description: 'The object id in the directory; made up where it is left out.' }),
    principalName: z.string().trim().min(3).max(320),
    displayName,
    licences: z.array(z.string().min(1).max(100)).max(50).optional(),
  })
  .meta({ id: 'NewUser' });
export type NewUser = z.infer<typeof newUser>;

export const userView = z
  .strictObject({
    id: identifier,
    principalName: z.string(),
    displayName: z.string(),
    licences: z.array(z.string()),
    createdAt: moment,
    etag: z.string(),
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof userView>;

export const userPage = pageOf('UserPage', userView);
