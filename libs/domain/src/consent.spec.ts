import { describe, expect, it } from '@jest/globals';
import {
  consentLifecycle,
  consentStates,
  endedByOffboarding,
  type ConsentEvent,
  type ConsentState,
} from './consent.js';
import { coverage, coversRow, inForce, roomLeft, type ConsentScope } from './consent-scope.js';

const events: ConsentEvent[] = ['grant', 'decline', 'expire', 'revoke'];
const moves: Record<string, ConsentState> = {
  'requested grant': 'granted',
  'requested decline': 'declined',
  'requested expire': 'expired',
  'granted revoke': 'revoked',
};

describe('a consent', () => {
  it.each(consentStates.flatMap((state) => events.map((event) => [state, event] as const)))(
    '%s, %s',
    (state, event) => {
      expect(consentLifecycle[state][event]).toBe(moves[`${state} ${event}`]);
    },
  );

  it.each(consentStates)('that is %s ends as its lifecycle allows when its tenant leaves', (state) => {
    const event = endedByOffboarding[state];
    const isOpen = state === 'requested' || state === 'granted';
    expect(event !== null).toBe(isOpen);
    if (event !== null) expect(endedByOffboarding[consentLifecycle[state][event]!]).toBeNull();
  });
});

describe('the scope of a consent', () => {
  const now = Date.parse('2026-11-21T00:00:00Z');
  const ask = (
    scope: ConsentScope,
    question: { model?: string; purchaseOrder?: string; quantity?: number },
    registered = 0,
  ) => {
    const asked = { model: null, purchaseOrder: null, quantity: 1, ...question };
    const decision = coverage({ scope, registered, nowMs: now }, asked);
    return decision.ok ? decision.value : decision.refusal;
  };

  it.each<[string, ConsentScope, Parameters<typeof ask>[1], number, string]>([
    ['without limits', {}, { model: 'Book 5', quantity: 1e6 }, 1e6, 'covered'],
    ['of the model, however it is written', { models: ['Book 5'] }, { model: ' book 5' }, 0, 'covered'],
    ['of another model', { models: ['Book 5'] }, { model: 'Book 6' }, 0, 'consent.model-not-covered'],
    ['of the purchase order', { purchaseOrders: ['PO-1'] }, { purchaseOrder: 'PO-1' }, 0, 'covered'],
    [
      'of another one',
      { purchaseOrders: ['PO-1'] },
      { purchaseOrder: 'PO-2' },
      0,
      'consent.purchase-order-not-covered',
    ],
    ['with just enough room', { quantity: 5 }, { quantity: 2 }, 3, 'covered'],
    ['with too little room', { quantity: 5 }, { quantity: 3 }, 3, 'consent.quantity-exceeded'],
    ['used up', { quantity: 5 }, { quantity: 0 }, 5, 'consent.quantity-exceeded'],
    ['that begins later', { notBefore: '2026-11-22T00:00:00Z' }, {}, 0, 'consent.not-yet'],
    ['that is over', { notAfter: '2026-11-20T00:00:00Z' }, {}, 0, 'consent.over'],
    ['of today', { notBefore: '2026-11-20T00:00:00Z', notAfter: '2026-11-22T00:00:00Z' }, {}, 0, 'covered'],
  ])('%s', (_, scope, question, registered, answer) => {
    expect(ask(scope, question, registered)).toBe(answer);
  });

  it('covers no row that does not say what it is, where it names what it covers', () => {
    expect(coversRow({ models: ['A'] }, { model: null, purchaseOrder: null }).ok).toBe(false);
    expect(coversRow({ purchaseOrders: ['A'] }, { model: 'A', purchaseOrder: null }).ok).toBe(false);
  });

  it('leaves no room below nothing', () => {
    expect(roomLeft({ scope: { quantity: 2 }, registered: 3 })).toBe(0);
    expect(inForce({ scope: { quantity: 2 }, registered: 1, nowMs: now }).ok).toBe(true);
  });
});
