import { EVIDENCE_KINDS } from '@groundcrew/matching';
import type pg from 'pg';
import { int2Array, int4Array, int8Array, uuidArray } from '../bulk/binary-arrays.js';
import { CopyBuffer } from '../bulk/copy-buffer.js';
import { Slices } from '../bulk/slices.js';
import { copyRows } from '../bulk/tenant-transaction.js';
import type { Candidate } from './chunk-decision.js';
import type { ChunkKey } from './open-chunk.js';

const stageColumns = 15;
const bytesBesideHash = 2_000;

/**
 * Writes the devices of a chunk with their sealed hashes. COPY cannot write a table under row-level security, so the rows go
 * into a table of this session and from there under the policy. There a row of two sealed values stays whole, as long as a page holds it:
 * nobody tries to compress what is sealed, and nothing is laid aside for a moment.
 */
export async function insertDevices(
  client: pg.PoolClient,
  key: ChunkKey,
  partnerId: string | null,
  devices: readonly Candidate[],
): Promise<void> {
  await client.query(`create temporary table if not exists stage_device (
    id uuid, line integer, manufacturer text, model text, serial_number text, product_key text, group_tag text,
    purchase_order text, hash_level text, original_length integer, sealed bytea storage external, snapshot bytea storage external,
    hash_os_family text, hash_device_type text, hash_tpm text) with (toast_tuple_target = 8160) on commit delete rows`);
  const rows = await encode(devices);
  await copyRows(client, 'stage_device', rows.finish());
  rows.release();
  await client.query({
    name: 'insert_devices',
    text: `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, product_key, group_tag, purchase_order,
             registrar_kind, registrar_id, source_run_id, source_line, hash_level, hash_os_family, hash_device_type, hash_tpm,
             declared_os_family)
           select $1, s.id, s.serial_number, s.manufacturer, s.model, s.product_key, s.group_tag, s.purchase_order,
             coalesce((select 'automatic' from registry.run r where r.id = $3 and r.kind = 'automatic_registration'), $4),
             $2, $3, s.line, s.hash_level, s.hash_os_family, s.hash_device_type, s.hash_tpm,
             (select r.defaults ->> 'osFamily' from registry.run r where r.id = $3)
           from stage_device s`,
    // Who sends no partner's order registers for itself.
    values: [key.tenantId, partnerId ?? key.tenantId, key.runId, partnerId === null ? 'tenant' : 'partner'],
  });
  await client.query({
    name: 'insert_device_hashes',
    text: `insert into registry.device_hash (tenant_id, device_id, sealed, original_length)
           select $1, s.id, s.sealed, s.original_length from stage_device s`,
    values: [key.tenantId],
  });
  await client.query({
    name: 'insert_device_snapshots',
    text: `insert into registry.device_snapshot (device_id, tenant_id, enrolled)
           select s.id, $1, s.snapshot from stage_device s where s.snapshot is not null`,
    values: [key.tenantId],
  });
  await insertKeys(client, devices);
}

async function insertKeys(client: pg.PoolClient, devices: readonly Candidate[]): Promise<void> {
  const shown: string[] = [];
  const keys: bigint[] = [];
  const kinds: number[] = [];
  const places: number[] = [];
  for (const device of devices) {
    const evidence = device.keys;
    if (evidence.length === 0) continue;
    const place = shown.push(device.deviceId);
    for (const { key, kind } of evidence) {
      keys.push(key);
      kinds.push(EVIDENCE_KINDS[kind]);
      places.push(place);
    }
  }
  if (shown.length === 0) return;
  await client.query({
    name: 'insert_candidate_keys',
    text: 'select registry.insert_candidate_keys($1::uuid[], $2::integer[], $3::bigint[], $4::smallint[])',
    values: [uuidArray(shown), int4Array(places), int8Array(keys), int2Array(kinds)],
  });
}

async function encode(devices: readonly Candidate[]): Promise<CopyBuffer> {
  const bytes = devices.reduce((sum, device) => sum + device.sealedHash.length + bytesBesideHash, 0);
  const rows = new CopyBuffer(stageColumns, bytes);
  const slices = new Slices();
  for (const device of devices) {
    if (slices.isOver) await slices.next();
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
      .bytes(device.sealedHash)
      .optionalBytes(device.sealedSnapshot)
      .text(device.platform.osFamily)
      .text(device.platform.deviceType)
      .text(device.platform.tpmVersion);
  }
  return rows;
}
