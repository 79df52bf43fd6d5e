import { describe, expect, it } from '@jest/globals';
import { movePartner, partnerLifecycle, partnerStatuses, type PartnerEvent } from './partner.js';

const events: PartnerEvent[] = ['suspend', 'reactivate', 'end'];
const moves: Record<string, string> = {
  'active suspend': 'suspended',
  'active end': 'ended',
  'suspended reactivate': 'active',
  'suspended end': 'ended',
};

describe('a partner', () => {
  it.each(partnerStatuses.flatMap((status) => events.map((event) => [status, event] as const)))(
    'that is %s, %s',
    (status, event) => {
      expect(partnerLifecycle[status][event]).toBe(moves[`${status} ${event}`]);
    },
  );

  it.each(partnerStatuses.flatMap((from) => partnerStatuses.map((to) => [from, to] as const)))(
    'from %s to %s',
    (from, to) => {
      const decision = movePartner(from, to);
      if (from === to) expect(decision).toEqual({ ok: true, value: null });
      else if (from === 'ended') expect(decision).toEqual({ ok: false, refusal: 'partner.status-unreachable' });
      else expect(decision).toMatchObject({ ok: true });
      if (decision.ok && decision.value !== null) expect(partnerLifecycle[from][decision.value]).toBe(to);
    },
  );
});
