import { authorizeUpload, type PartnerStatus, type VerdictCounts } from '@groundcrew/domain';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { CopyBuffer } from '../bulk/copy-buffer.js';
import { copyRows, inTenant } from '../bulk/tenant-transaction.js';
import type { RejectedRow } from '../registration/chunk-decision.js';
import { noteStep } from '../registration/chunk-steps.js';
import { dropBody, type ChunkKey } from '../registration/open-chunk.js';
import { insertItems, recordProgress } from '../registration/progress.js';
import type { HardwareUpload } from './hardware-upload.js';

/**
 * Keeps a chunk of a maker's upload on file and gives every row its verdict, in one transaction. The chunk's state is the fence. The
 * run stands in the maker's own space: the key's tenant is the maker.
 */
export async function fileChunk(
  pool: pg.Pool,
  key: ChunkKey,
  decision: { uploads: readonly HardwareUpload[]; rejected: readonly RejectedRow[] },
): Promise<void> {
  await inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query<{ state: string; commanded: string | null }>({
      name: 'fence_file',
      text: `select c.state, r.commanded from registry.run_chunk c join registry.run r on r.id = c.run_id
             where c.run_id = $1 and c.number = $2 for update of c`,
      values: [key.runId, key.chunk],
    });
    const fence = rows[0];
    if (fence === undefined) throw new Error(`run ${key.runId} has no chunk ${key.chunk}`);
    if (fence.state !== 'sealed' || fence.commanded === 'cancel') return;

    const authority = await client.query<{ partner_status: PartnerStatus }>({
      name: 'lock_maker',
      text: 'select partner_status from registry.lock_registration_authority($1, $1)',
      values: [key.tenantId],
    });
    const allowed = authorizeUpload('oem', authority.rows[0]!.partner_status);
    const uploads = allowed.ok ? decision.uploads : [];
    const rejected = allowed.ok
      ? [...decision.rejected]
      : [
          ...decision.rejected,
          ...decision.uploads.map(({ line }): RejectedRow => ({
            line,
            verdict: 'withheld',
            detail: { message: allowed.refusal },
          })),
        ];
    if (uploads.length > 0) await keepOnFile(client, key, uploads);
    if (rejected.length > 0) await insertItems(client, key, rejected);
    await dropBody(client, key);

    const counts: VerdictCounts = uploads.length > 0 ? { uploaded: uploads.length } : {};
    for (const { verdict } of rejected) counts[verdict] = (counts[verdict] ?? 0) + 1;
    const digest = digestOf(uploads, rejected);
    await client.query({
      name: 'chunk_filed',
      text: `update registry.run_chunk set state = 'settled', counts = $3, verdict_digest = $4 where run_id = $1 and number = $2`,
      values: [key.runId, key.chunk, JSON.stringify(counts), digest],
    });
    await noteStep(client, key, 'keep_on_file', uploads.length);
    await recordProgress(client, key, {
      counts,
      event: { kind: 'chunk.filed', data: { chunk: key.chunk, devices: uploads.length, counts } },
      audit: {
        action: 'hardware.upload',
        data: { chunk: key.chunk, devices: uploads.length, counts, digest: digest.toString('hex') },
      },
    });
  });
}

const stageColumns = 12;
const bytesBesideHash = 500;

/** What a maker uploads again is the newest there is: strings and hash are replaced, the id stays. */
async function keepOnFile(client: pg.PoolClient, key: ChunkKey, uploads: readonly HardwareUpload[]): Promise<void> {
  await client.query(`create temporary table if not exists stage_upload (
    line integer, id uuid, manufacturer text, model text, serial_number text, product_key text, hash_level text,
    device_digest uuid, tuple_digest uuid, product_key_digest uuid, sealed bytea, original_length integer) on commit delete rows`);
  await copyRows(client, 'stage_upload', encode(uploads));
  await client.query({
    name: 'keep_on_file',
    text: `with kept as (
             insert into registry.hardware_on_file as f (partner_id, id, manufacturer, model, serial_number, product_key, hash_level,
               device_digest, tuple_digest, product_key_digest, source_run_id, source_line)
             select $1, s.id, s.manufacturer, s.model, s.serial_number, s.product_key, s.hash_level, s.device_digest, s.tuple_digest,
               s.product_key_digest, $2, s.line
             from stage_upload s order by s.device_digest
             on conflict (partner_id, device_digest) do update
               set manufacturer = excluded.manufacturer, model = excluded.model, serial_number = excluded.serial_number,
                   product_key = excluded.product_key, hash_level = excluded.hash_level, tuple_digest = excluded.tuple_digest,
                   product_key_digest = excluded.product_key_digest, source_run_id = excluded.source_run_id,
                   source_line = excluded.source_line, uploaded_at = now(), superseded_at = null
             returning f.id, f.device_digest),
           items as (
             insert into registry.run_item (run_id, line, tenant_id, verdict, device_id)
             select $2, s.line, $1, 'uploaded', k.id from stage_upload s join kept k on k.device_digest = s.device_digest)
           select count(*) from kept`,
    values: [key.tenantId, key.runId],
  });
  await client.query({
    name: 'keep_hashes_on_file',
    text: `insert into registry.hardware_on_file_hash (partner_id, hardware_id, sealed, original_length)
           select $1, f.id, s.sealed, s.original_length
           from stage_upload s join registry.hardware_on_file f on f.partner_id = $1 and f.device_digest = s.device_digest
           on conflict (partner_id, hardware_id) do update set sealed = excluded.sealed, original_length = excluded.original_length`,
    values: [key.tenantId],
  });
}

function encode(uploads: readonly HardwareUpload[]): Buffer {
  const bytes = uploads.reduce((sum, upload) => sum + upload.sealedHash.length + bytesBesideHash, 0);
  const rows = new CopyBuffer(stageColumns, bytes);
  for (const upload of uploads) {
    rows
      .row()
      .int4(upload.line)
      .uuid(upload.id)
      .text(upload.manufacturer)
      .text(upload.model)
      .text(upload.serialNumber)
      .text(upload.productKey)
      .text(upload.hashLevel)
      .uuid(upload.deviceDigest)
      .optionalUuid(upload.tupleDigest)
      .optionalUuid(upload.productKeyDigest)
      .bytes(upload.sealedHash)
      .int4(upload.hashLength);
  }
  return rows.finish();
}

function digestOf(uploads: readonly HardwareUpload[], rejected: readonly RejectedRow[]): Buffer {
  const digest = createHash('sha256');
  for (const row of rejected) digest.update(`${row.line}:${row.verdict}\n`);
  for (const upload of uploads) digest.update(`${upload.line}:${upload.deviceDigest}\n`);
  return digest.digest();
}
