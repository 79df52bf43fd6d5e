import { UsageError } from '../usage.error.js';

/** From which side a consent is looked at. */
export interface Side {
  tenant?: string;
  partner?: string;
}

/** Where a side's consents are. @throws UsageError unless exactly one side is named */
export function consentsOf({ tenant, partner }: Side): string {
  if ((tenant === undefined) === (partner === undefined)) throw new UsageError('Name either --tenant or --partner.');
  return tenant === undefined
    ? `/partners/${encodeURIComponent(partner!)}/consents`
    : `/tenants/${encodeURIComponent(tenant)}/consents`;
}

/** Where a request is answered: by its link, or by its id and the tenant. @throws UsageError where neither is complete */
export function requestOf(consent: string, { tenant }: Side): string {
  if (tenant !== undefined) return `${consentsOf({ tenant })}/${encodeURIComponent(consent)}`;
  const secret = /([0-9a-f-]{36})\/?$/i.exec(consent)?.[1];
  if (secret === undefined || !consent.includes('/consentRequests/')) {
    throw new UsageError('Give the link, or the id of the consent with --tenant.');
  }
  return `/consentRequests/${secret}`;
}
