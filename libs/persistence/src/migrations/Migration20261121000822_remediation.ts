import { Migration } from '@mikro-orm/migrations';

/** Since when a device's hardware is known to have changed, and which devices of a tenant that are. */
export class Migration20261121000822_remediation extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.device_assignment add column remediation_at timestamptz;
-- An assignment changes neither column, so its rows are still rewritten in their pages.
create index device_assignment_remediation on registry.device_assignment (tenant_id, device_id) where remediation is not null;
`);
  }
}
