import { Migration } from '@mikro-orm/migrations';

/** A run that takes devices of an order away can be cancelled: what it took away, and still can come back, is put back. */
export class Migration20261121000810_putBack extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.run_chunk drop constraint run_chunk_state_check,
  add constraint run_chunk_state_check
    check (state in ('sealed', 'planned', 'registered', 'settled', 'taken_back', 'released', 'restoring', 'put_back'));

-- Whether the chunk takes registrations away, where others bring them.
alter table registry.run_chunk add column takes_away boolean not null default false;
update registry.run_chunk set takes_away = true where state = 'planned';
`);
  }
}
