import { accept, refuse, type Decision } from './decision.js';

/** How far a consent reaches. What is left out is not limited. Source: issue 6; domain.md 2. */
export interface ConsentScope {
  models?: readonly string[];
  /** How many devices may be registered under it. */
  quantity?: number;
  purchaseOrders?: readonly string[];
  /** The first and the last moment at which it holds, in UTC with the letter Z. */
  notBefore?: string;
  notAfter?: string;
}

/** Why an order or a row is outside what the tenant agreed to. */
export const scopeRefusals = [
  'consent.not-yet',
  'consent.over',
  'consent.model-not-covered',
  'consent.purchase-order-not-covered',
  'consent.quantity-exceeded',
] as const;
export type ScopeRefusal = (typeof scopeRefusals)[number];

/** What is asked about. What is null was not said. */
export interface CoverageQuestion {
  model: string | null;
  purchaseOrder: string | null;
  /** Devices asked for. */
  quantity: number;
}

/** The state of a scope at one moment. */
export interface ScopeStanding {
  scope: ConsentScope;
  /** Devices registered under it so far. */
  registered: number;
  nowMs: number;
}

/** Is the consent in force at this moment, and is anything left of it? */
export function inForce({ scope, registered, nowMs }: ScopeStanding): Decision<'in_force', ScopeRefusal> {
  if (scope.notBefore !== undefined && nowMs < Date.parse(scope.notBefore)) return refuse('consent.not-yet');
  if (scope.notAfter !== undefined && nowMs > Date.parse(scope.notAfter)) return refuse('consent.over');
  if (scope.quantity !== undefined && registered >= scope.quantity) return refuse('consent.quantity-exceeded');
  return accept('in_force');
}

/**
 * Does the scope cover this row? A scope that names models or purchase orders covers only rows that say which they are.
 * How many there are is counted apart, because rows that are not registered use nothing up.
 */
export function coversRow(
  scope: ConsentScope,
  row: Pick<CoverageQuestion, 'model' | 'purchaseOrder'>,
): Decision<'covered', ScopeRefusal> {
  if (!names(scope.models, row.model)) return refuse('consent.model-not-covered');
  if (!names(scope.purchaseOrders, row.purchaseOrder)) return refuse('consent.purchase-order-not-covered');
  return accept('covered');
}

/**
 * Is this order covered, and if not why? Asked before it ships. What the asker does not say is not asked about.
 */
export function coverage(standing: ScopeStanding, question: CoverageQuestion): Decision<'covered', ScopeRefusal> {
  const now = inForce(standing);
  if (!now.ok) return now;
  const { models, purchaseOrders, quantity } = standing.scope;
  const asked: ConsentScope = {
    ...(question.model !== null && models !== undefined && { models }),
    ...(question.purchaseOrder !== null && purchaseOrders !== undefined && { purchaseOrders }),
  };
  const row = coversRow(asked, question);
  if (!row.ok) return row;
  const left = roomLeft(standing);
  return quantity !== undefined && question.quantity > left ? refuse('consent.quantity-exceeded') : row;
}

/** How many devices may still be registered under it. */
export function roomLeft({ scope, registered }: Pick<ScopeStanding, 'scope' | 'registered'>): number {
  return scope.quantity === undefined ? Number.POSITIVE_INFINITY : Math.max(0, scope.quantity - registered);
}

function names(listed: readonly string[] | undefined, value: string | null): boolean {
  if (listed === undefined) return true;
  return value !== null && listed.some((each) => fold(each) === fold(value));
}

/** Models are written by people and by firmware: case and outer blanks say nothing. */
function fold(text: string): string {
  return text.trim().toLowerCase();
}
