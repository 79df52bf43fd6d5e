import { Migration } from '@mikro-orm/migrations';

/** Partners name the lists that they send, as in Partner Center; a name stands for one order of a customer. */
export class Migration20261121000803_orderBatches extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.device_order add column batch_id text check (length(batch_id) between 1 and 128);
create unique index device_order_batch on registry.device_order (partner_id, tenant_id, batch_id) where batch_id is not null;
`);
  }
}
