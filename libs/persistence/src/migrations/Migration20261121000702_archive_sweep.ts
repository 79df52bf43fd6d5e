import { Migration } from '@mikro-orm/migrations';

/** What is kept for a restore is kept for its time and not longer: the relay sweeps it, and can reach nothing that is still kept. */
export class Migration20261121000702_archive_sweep extends Migration {
  override up(): void {
    this.addSql(`
grant select (keep_until), delete on registry.removed_registration to groundcrew_relay;
create policy sweep on registry.removed_registration to groundcrew_relay using (keep_until < clock_timestamp());
`);
  }
}
