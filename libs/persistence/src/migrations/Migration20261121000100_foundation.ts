import { Migration } from '@mikro-orm/migrations';
import { auditSql } from './foundation/audit.sql.js';
import { devicesSql } from './foundation/devices.sql.js';
import { intakeSql } from './foundation/intake.sql.js';
import { runsSql } from './foundation/runs.sql.js';
import { scopeSql } from './foundation/scope.sql.js';
import { tenancySql } from './foundation/tenancy.sql.js';

/** Tenants, consent, runs, devices, intake and audit, each with the policies that guard it. */
export class Migration20261121000100_foundation extends Migration {
  override up(): void {
    for (const sql of [scopeSql, tenancySql, runsSql, devicesSql, intakeSql, auditSql]) this.addSql(sql);
  }
}
