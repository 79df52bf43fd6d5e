import { Migration } from '@mikro-orm/migrations';
import { ledgerSql } from './deregistration/ledger.sql.js';
import { plansSql } from './deregistration/plans.sql.js';
import { archiveSql } from './deregistration/archive.sql.js';

/** Plans, the ledger of what was done to each device, what was taken away, and the one sync that a tenant may have at a time. */
export class Migration20261121000701_deregistrations extends Migration {
  override up(): void {
    for (const sql of [plansSql, ledgerSql, archiveSql]) this.addSql(sql);
  }
}
