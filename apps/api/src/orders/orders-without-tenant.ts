import { Injectable } from '@nestjs/common';
import type { OrderWithoutTenant } from '@groundcrew/contracts';
import {
  actForCustomer,
  findOwnRegistrations,
  findPartner,
  type OwnRegistration,
  type SelectedDevices,
  type Unit,
} from '@groundcrew/persistence';
import { DeregistrationPlanner, refuseUnclear } from '../deregistrations/deregistration-planner.js';
import { toPlanView } from '../deregistrations/deregistration.view.js';
import type { Audited, Outcome } from '../idempotency/commands.js';
import { admitPartner } from '../partners/partner-authority.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Call } from '../routes/operation.js';

/**
 * A maker's order that names no tenant: a plan for each customer whose devices it names, which the maker executes as it was read. It reaches
 * what the maker itself registered, and nothing else. Source: domain.md 8.5.
 */
@Injectable()
export class OrdersWithoutTenant {
  readonly #planner: DeregistrationPlanner;

  constructor(planner: DeregistrationPlanner) {
    this.#planner = planner;
  }

  async plan(unit: Unit, call: Call<unknown>, order: OrderWithoutTenant): Promise<Outcome> {
    const partnerId = call.params.partnerId!;
    const { caller } = call;
    const partner = await findPartner(unit, partnerId);
    if (partner?.kind !== 'oem') throw new ProblemError('order.without-tenant');
    const { customers, ...unclear } = byCustomer(order, await findOwnRegistrations(unit, partnerId, order.devices));
    refuseUnclear(unclear);

    const reason = order.reason ?? 'correction';
    const plans: ReturnType<typeof toPlanView>[] = [];
    const audit: Audited[] = [];
    for (const [tenantId, deviceIds] of customers) {
      await admitPartner(unit, { caller, action: 'remove_registration_only', partnerId, tenantId });
      await actForCustomer(unit, tenantId);
      const plan = await this.#planner.plan(
        unit,
        { tenantId, partnerId, path: 'oem', reason, note: null, byFilter: false, author: caller.principal },
        { deviceIds, unknown: [], ambiguous: [] },
      );
      plans.push(toPlanView(plan, await this.#planner.guards(unit, tenantId)));
      audit.push({
        tenantId,
        action: 'deregistration.plan',
        object: `plan/${plan.id}`,
        data: { partnerId, devices: plan.devices, path: plan.path, reason },
      });
    }
    return { answer: { status: 201, body: { plans }, headers: {} }, audit };
  }
}

/** Which devices are meant, by customer and in the order of the customers' ids; and which names mean none, or several. */
function byCustomer(
  { devices }: OrderWithoutTenant,
  found: readonly OwnRegistration[],
): SelectedDevices & { customers: Map<string, string[]> } {
  const meant = new Map<number, OwnRegistration[]>();
  for (const each of found) meant.set(each.place, [...(meant.get(each.place) ?? []), each]);
  const customers = new Map<string, Set<string>>();
  for (const { tenantId, deviceId } of found)
    customers.set(tenantId, (customers.get(tenantId) ?? new Set<string>()).add(deviceId));
  return {
    customers: new Map([...customers].map(([tenantId, ids]) => [tenantId, [...ids]])),
    deviceIds: found.map(({ deviceId }) => deviceId),
    unknown: devices.filter((_, place) => !meant.has(place)).map(({ serialNumber }) => serialNumber),
    ambiguous: devices.flatMap(({ serialNumber }, place) => {
      const candidates = meant.get(place) ?? [];
      return candidates.length > 1 ? [{ serialNumber, candidates }] : [];
    }),
  };
}
