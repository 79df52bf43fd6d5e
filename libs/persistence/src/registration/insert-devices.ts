import type pg from 'pg';
import { CopyBuffer } from '../bulk/copy-buffer.js';
import { copyRows } from '../bulk/tenant-transaction.js';
import type { Candidate } from './chunk-decision.js';
import type { ChunkKey } from './chunk-store.js';

const stageColumns = 11;
const bytesBesideHash = 400;

/**
 * Writes the devices of a chunk with their sealed hashes. COPY cannot write a table under row-level security, so the rows go
 * into a table of this session and from there under the policy.
 */
export async function insertDevices(
  client: pg.PoolClient,
  key: ChunkKey,
  partnerId: string,
  devices: readonly Candidate[],
): Promise<void> {
  await client.query(`create temporary table if not exists stage_device (
    id uuid, line integer, manufacturer text, model text, serial_number text, product_key text, group_tag text,
    purchase_order text, hash_level text, original_length integer, sealed bytea) on commit delete rows`);
  await copyRows(client, 'stage_device', encode(devices));
  await client.query({
    name: 'insert_devices',
    text: `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, product_key, group_tag, purchase_order,
             registrar_kind, registrar_id, source_run_id, source_line, hash_level)
           select $1, s.id, s.serial_number, s.manufacturer, s.model, s.product_key, s.group_tag, s.purchase_order,
             'partner', $2, $3, s.line, s.hash_level
           from stage_device s`,
    values: [key.tenantId, partnerId, key.runId],
  });
  await client.query({
    name: 'insert_device_hashes',
    text: `insert into registry.device_hash (tenant_id, device_id, sealed, original_length)
           select $1, s.id, s.sealed, s.original_length from stage_device s`,
    values: [key.tenantId],
  });
}

function encode(devices: readonly Candidate[]): Buffer {
  const bytes = devices.reduce((sum, device) => sum + device.sealedHash.length + bytesBesideHash, 0);
  const rows = new CopyBuffer(stageColumns, bytes);
  for (const device of devices) {
    rows
      .row()
      .uuid(device.deviceId)
      .int4(device.line)
      .text(device.manufacturer)
      .text(device.model)
      .text(device.serialNumber)
      .text(device.productKey)
      .text(device.groupTag)
      .text(device.purchaseOrder)
      .text(device.hashLevel)
      .int4(device.hashLength)
      .bytes(device.sealedHash);
  }
  return rows.finish();
}
