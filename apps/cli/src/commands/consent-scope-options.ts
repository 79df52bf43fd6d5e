import type { Command } from 'commander';
import type { NewConsentRequest } from '@groundcrew/contracts';
import { positiveInteger } from '../output/limit.js';

export interface ScopeOptions {
  model?: string[];
  quantity?: number;
  purchaseOrder?: string[];
  notBefore?: string;
  notAfter?: string;
}

/** How far a consent is to reach; all of it may be left out. */
export function withScope(command: Command): Command {
  return command
    .option('--model <model...>', 'only devices of these models')
    .option('--quantity <count>', 'at most so many devices', positiveInteger)
    .option('--purchase-order <order...>', 'only devices of these purchase orders')
    .option('--not-before <moment>', 'from then on, such as 2026-12-01T00:00:00Z')
    .option('--not-after <moment>', 'until then');
}

/** The scope as the service takes it; undefined where nothing is limited. */
export function scopeOf(options: ScopeOptions): NewConsentRequest['scope'] {
  const { model, quantity, purchaseOrder, notBefore, notAfter } = options;
  const scope = {
    ...(model !== undefined && { models: model }),
    ...(quantity !== undefined && { quantity }),
    ...(purchaseOrder !== undefined && { purchaseOrders: purchaseOrder }),
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter }),
  };
  return Object.keys(scope).length === 0 ? undefined : scope;
}
