import { Migration } from '@mikro-orm/migrations';

/** A rule may ask for a device's name, and somebody may have given it one: what was folded of the device is stale then. */
export class Migration20261121000823_named_devices extends Migration {
  override up(): void {
    this.addSql(`
create trigger attributes_are_stale after insert or update or delete on registry.device_designation for each row
  execute function registry.forget_attributes();
`);
  }
}
