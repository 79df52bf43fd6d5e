import { Migration } from '@mikro-orm/migrations';

/**
 * What rules compare is forgotten in the transaction that changes what it was folded from, whoever does that; the next assignment run
 * folds it again. So a run that looks at a hundred thousand devices need not hold each against its row.
 */
export class Migration20261121000606_stale_attributes extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.device_attributes drop column device_version, drop column facts_version;
create policy definer on registry.device_attributes to groundcrew_owner using (true) with check (true);

create function registry.forget_attributes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, registry as $$
begin
  if tg_table_name = 'device' then
    delete from registry.device_attributes f where f.tenant_id = new.tenant_id and f.device_id = new.id;
  elsif tg_op = 'DELETE' then
    delete from registry.device_attributes f where f.tenant_id = old.tenant_id and f.device_id = old.device_id;
  else
    delete from registry.device_attributes f where f.tenant_id = new.tenant_id and f.device_id = new.device_id;
  end if;
  return null;
end $$;
create trigger attributes_are_stale after update on registry.device for each row
  when ((old.group_tag, old.purchase_order, old.serial_number, old.manufacturer, old.model)
    is distinct from (new.group_tag, new.purchase_order, new.serial_number, new.manufacturer, new.model))
  execute function registry.forget_attributes();
create trigger attributes_are_stale after insert or update or delete on registry.device_facts for each row
  execute function registry.forget_attributes();
`);
  }
}
