import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { PartnerViewEntry, PartnerViewPort } from './partner-view.port.js';

/** What a battery needs of an implementation beside its port. */
export interface PartnerViewUnderTest {
  partnerView: PartnerViewPort;
  /** Lets it work through what it has accepted. */
  apply(): Promise<void>;
}

/** The promises of every partner view, whoever implements it. */
export function partnerViewContract(name: string, open: () => PartnerViewUnderTest): void {
  const anEntry = (): PartnerViewEntry => ({
    registrationId: randomUUID(),
    serialNumber: 'SN-1',
    partnerId: randomUUID(),
  });

  describe(`the partner view contract: ${name}`, () => {
    it('shows and hides registrations when it has worked through the request', async () => {
      const { partnerView, apply } = open();
      const tenantId = randomUUID();
      const [stays, goes] = [anEntry(), anEntry()];
      const registrationIds = [stays.registrationId, goes.registrationId];
      const show = randomUUID();
      await partnerView.show(show, tenantId, [stays, goes]);
      expect(await partnerView.observe(show, tenantId)).toEqual({ accepted: true, applied: false, results: [] });
      expect(await partnerView.read(tenantId, registrationIds)).toEqual([]);
      await apply();
      expect(await partnerView.observe(show, tenantId)).toMatchObject({ applied: true });
      expect(await partnerView.read(tenantId, registrationIds)).toHaveLength(2);

      const hide = randomUUID();
      const never = randomUUID();
      await partnerView.hide(hide, tenantId, [goes.registrationId, never]);
      await apply();
      const { results } = await partnerView.observe(hide, tenantId);
      expect(new Map(results.map(({ target, outcome }) => [target, outcome]))).toEqual(
        new Map([
          [goes.registrationId, 'done'],
          [never, 'already_absent'],
        ]),
      );
      expect(await partnerView.read(tenantId, registrationIds)).toEqual([stays]);
    });

    it('applies what was taken in its order, and each key once', async () => {
      const { partnerView, apply } = open();
      const tenantId = randomUUID();
      const entry = anEntry();
      const key = randomUUID();
      await partnerView.show(key, tenantId, [entry]);
      await partnerView.hide(randomUUID(), tenantId, [entry.registrationId]);
      await partnerView.show(key, tenantId, [entry]);
      await apply();
      expect(await partnerView.read(tenantId, [entry.registrationId])).toEqual([]);
    });

    it('shows a customer’s registrations under that customer only, page by page', async () => {
      const { partnerView, apply } = open();
      const tenantId = randomUUID();
      const entries = Array.from({ length: 5 }, anEntry);
      await partnerView.show(randomUUID(), tenantId, entries);
      await apply();
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await partnerView.list(tenantId, { limit: 2, ...(after !== undefined && { after }) });
        seen.push(...page.items.map((entry) => entry.registrationId));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).toEqual(entries.map((entry) => entry.registrationId).sort());
      expect((await partnerView.list(randomUUID(), { limit: 2 })).items).toEqual([]);
    });
  });
}
