import { Migration } from '@mikro-orm/migrations';

/** A registration that is brought back is held as it was. */
export class Migration20261121000830_holds_come_back extends Migration {
  override up(): void {
    this.addSql('grant insert on registry.device_hold to groundcrew_worker;');
  }
}
