import { Migration } from '@mikro-orm/migrations';

/** An order's later verbs: devices are returned, the order is voided or replaced, each in a run of its own. */
export class Migration20261121000503_order_verbs extends Migration {
  override up(): void {
    this.addSql(`
-- What a replacement would take away, and whether somebody said yes to it.
alter table registry.run add column replacement jsonb;
-- Which devices go is found out by the run itself.
grant insert on registry.run_chunk to groundcrew_worker;
`);
  }
}
