import { Migration } from '@mikro-orm/migrations';

/** Whom a device that is repaired is meant for and what it is called: the new registration takes it over. */
export class Migration20261121000840_repair_designations extends Migration {
  override up(): void {
    this.addSql(`alter table registry.repair_case add assigned_user text, add display_name text;`);
  }
}
