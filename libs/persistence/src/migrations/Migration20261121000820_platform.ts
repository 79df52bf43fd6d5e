import { Migration } from '@mikro-orm/migrations';

/**
 * What is known of a device's platform, by who said it. What its hash and its import say stands in the device's own row, because every
 * device has it; what management and people say stands beside it, because few have.
 */
export class Migration20261121000820_platform extends Migration {
  override up(): void {
    this.addSql(`
alter table registry.device
  add column hash_os_family text,
  add column hash_device_type text,
  add column hash_tpm text,
  add column declared_os_family text;
alter table registry.device_facts
  add column managed_os_family text check (managed_os_family in ('windows_10', 'windows_11', 'windows_11_se', 'holographic_2004_or_later')),
  add column managed_device_type text
    check (managed_device_type in ('windowsPc', 'holoLens', 'surfaceHub2', 'surfaceHub2S', 'virtualMachine'));
`);
  }
}
