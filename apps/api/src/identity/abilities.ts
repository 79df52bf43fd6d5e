import { AbilityBuilder, createMongoAbility, subject, type ForcedSubject, type MongoAbility } from '@casl/ability';
import { permissionsOf, type Permission, type Role } from '@groundcrew/domain';
import { capacityOf } from './caller.js';

/** What an action is about: whose it is. */
export interface Belonging {
  tenantId?: string | null;
  partnerId?: string | null;
}
type Thing = 'Thing' | (Belonging & ForcedSubject<'Thing'>);
export type Ability = MongoAbility<[Permission, Thing]>;

/** The rules of the domain's permission table, each bound to the tenant or partner that the caller acts for. */
export function abilityOf(caller: { roles: Role[]; tenantId: string | null; partnerId: string | null }): Ability {
  const { can, build } = new AbilityBuilder<Ability>(createMongoAbility);
  for (const role of caller.roles) {
    for (const permission of permissionsOf[role]) {
      switch (capacityOf[role]) {
        case 'operator':
          can(permission, 'Thing');
          break;
        case 'tenant':
          if (caller.tenantId !== null) can(permission, 'Thing', { tenantId: caller.tenantId });
          break;
        case 'partner':
          if (caller.partnerId !== null) can(permission, 'Thing', { partnerId: caller.partnerId });
          break;
      }
    }
  }
  return build();
}

/** Whether the caller may do this at all, to anything. */
export function mayDo(ability: Ability, permission: Permission): boolean {
  return ability.can(permission, 'Thing');
}

/** Whether the caller may do this to what belongs there. */
export function mayDoTo(ability: Ability, permission: Permission, belonging: Belonging): boolean {
  return ability.can(permission, subject('Thing', { ...belonging }));
}
