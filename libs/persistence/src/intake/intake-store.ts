import type { Database } from '../scope/database.js';
import { withScope, type Scope } from '../scope/with-scope.js';
import type { BodyPart } from './lines.js';

/** A body that is arriving. Its id becomes that of its run. */
export interface OpenIntake {
  id: string;
  tenantId: string;
  /** Null where the tenant sends it itself. */
  partnerId: string | null;
}

/** Opens an intake. What is not accepted before its lease is over is swept. */
export function openIntake(database: Database, scope: Scope, intake: OpenIntake, leaseSeconds: number): Promise<void> {
  return withScope(database, scope, async (unit) => {
    await unit.change(
      `insert into registry.intake (id, principal, tenant_id, partner_id, lease_until)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
      [intake.id, scope.principal, intake.tenantId, intake.partnerId, leaseSeconds],
    );
  });
}

/** Keeps a sealed part, in a short transaction of its own. */
export function keepPart(
  database: Database,
  scope: Scope,
  intakeId: string,
  part: Omit<BodyPart, 'body'> & { sealed: Buffer },
): Promise<void> {
  return withScope(database, scope, async (unit) => {
    await unit.change(
      `insert into registry.intake_part (intake_id, number, principal, first_line, line_count, body)
       values ($1, $2, $3, $4, $5, $6)`,
      [intakeId, part.number, scope.principal, part.firstLine, part.lineCount, part.sealed],
    );
  });
}

/** Keeps an intake alive while its body arrives. @returns false when it was swept */
export function renewIntake(
  database: Database,
  scope: Scope,
  intakeId: string,
  leaseSeconds: number,
): Promise<boolean> {
  return withScope(database, scope, async (unit) => {
    const renewed = await unit.change(
      `update registry.intake set lease_until = now() + make_interval(secs => $2) where id = $1 and not accepted`,
      [intakeId, leaseSeconds],
    );
    return renewed === 1;
  });
}

/** Forgets an intake and its parts: nothing of it was accepted. */
export function dropIntake(database: Database, scope: Scope, intakeId: string): Promise<void> {
  return withScope(database, scope, async (unit) => {
    await unit.change('delete from registry.intake where id = $1 and not accepted', [intakeId]);
  });
}
