import type { Page, PageRequest } from '../page.js';
import type { RequestObservation } from '../requests/request-observation.js';

/**
 * A registration as partners see it: every partner that the customer authorised sees what any partner registered, never what the
 * customer registered itself. Source: domain.md 8.4.
 */
export interface PartnerViewEntry {
  registrationId: string;
  serialNumber: string | null;
  /** Which partner registered it. */
  partnerId: string;
}

/**
 * What partners see of a customer, as far as it is any of our business. Keys, sets and faults are as those of the other neighbours:
 * an act returns once it was taken, `observe` tells when it was applied, `read` what is true now.
 */
export interface PartnerViewPort {
  /** Registrations become visible to partners. Outcome `done`. */
  show(key: string, tenantId: string, entries: readonly PartnerViewEntry[]): Promise<void>;

  /** Registrations are not visible to partners any more. Outcomes `done` and `already_absent`. */
  hide(key: string, tenantId: string, registrationIds: readonly string[]): Promise<void>;

  /** What became of a request. An unknown key has not been applied. */
  observe(key: string, tenantId: string): Promise<RequestObservation>;

  /** Which of these registrations are visible. */
  read(tenantId: string, registrationIds: readonly string[]): Promise<PartnerViewEntry[]>;

  /** All that is visible of a customer, page by page, ordered by registration id. */
  list(tenantId: string, page: PageRequest): Promise<Page<PartnerViewEntry>>;
}
