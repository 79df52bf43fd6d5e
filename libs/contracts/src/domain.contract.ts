import { z } from 'zod';
import { domainNameLength, domainNameOf } from '@groundcrew/domain';
import { moment } from './identifiers.contract.js';
import { pageOf } from './page.contract.js';

export const newDomain = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(3)
      .max(domainNameLength)
      .refine((name) => domainNameOf(name) !== null, 'It is a domain name, like contoso.com.')
      .meta({ description: 'Assigned users of devices are checked against it; its case says nothing.' }),
  })
  .meta({ id: 'NewDomain' });
export type NewDomain = z.infer<typeof newDomain>;

export const domainView = z.strictObject({ name: z.string(), addedAt: moment }).meta({ id: 'Domain' });
export type DomainView = z.infer<typeof domainView>;

export const domainPage = pageOf('DomainPage', domainView);
