import { permissionsOf, roles, type Permission, type Role } from '@groundcrew/domain';
import type { Scope } from '@groundcrew/persistence';
import type { Ability } from './abilities.js';

/** Who calls, as far as this service knows and cares. */
export interface Caller {
  /** Stands in audit events and guards idempotency keys. Made of ids that never change hands. */
  principal: string;
  kind: 'user' | 'application';
  roles: Role[];
  /** The tenant the caller acts in, if it is onboarded. */
  tenantId: string | null;
  /** The partner the caller acts for. */
  partnerId: string | null;
  isOperator: boolean;
  /** When the token ends, in seconds since 1970. */
  expiresAt: number;
  scope: Scope;
  ability: Ability;
}

/** In which capacity a role acts: on a tenant, for a partner, or on the whole installation. */
export const capacityOf: Record<Role, 'tenant' | 'partner' | 'operator'> = {
  tenant_owner: 'tenant',
  device_administrator: 'tenant',
  school_administrator: 'tenant',
  help_desk: 'tenant',
  reader: 'tenant',
  auditor: 'tenant',
  oem_pipeline: 'partner',
  partner: 'partner',
  operator: 'operator',
};

/** Everything the roles grant together, in the order of the permission table. */
export function permissionsHeld(held: readonly Role[]): Permission[] {
  return [...new Set(roles.filter((role) => held.includes(role)).flatMap((role) => [...permissionsOf[role]]))];
}
