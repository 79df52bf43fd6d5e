import { Migration } from '@mikro-orm/migrations';

/** Runs that nobody sent: the worker writes their rows, sealed like those that arrive. */
export class Migration20261121000721_automatic_registration extends Migration {
  override up(): void {
    this.addSql(`
grant insert on registry.intake, registry.intake_part, registry.run_chunk to groundcrew_worker;
create policy intake_of_work on registry.intake for insert to groundcrew_worker
  with check (tenant_id = (select registry.tenant_scope()));
-- A page of candidates is submitted once, however often its activity is repeated.
create unique index run_automatic_request on registry.run (tenant_id, (defaults ->> 'request')) where kind = 'automatic_registration';
`);
  }
}
