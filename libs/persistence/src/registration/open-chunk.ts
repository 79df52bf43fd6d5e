import type { RunKind } from '@groundcrew/domain';
import pg from 'pg';
import { readBytes } from '../bulk/read-bytes.js';
import { inTenant } from '../bulk/tenant-transaction.js';
import type { RunDefaults } from '../rows/run.row.js';

export interface ChunkKey {
  runId: string;
  tenantId: string;
  chunk: number;
}

/** A chunk as its activity finds it. */
export interface OpenChunk {
  kind: RunKind;
  validateOnly: boolean;
  /** Null where the tenant sends it itself. */
  partnerId: string | null;
  format: 'json' | 'jsonl' | 'csv';
  csvHeader: string | null;
  defaults: RunDefaults;
  firstLine: number;
  lineCount: number;
  sealedBody: Buffer;
}

/** Devices of a chunk that wait for their directory objects. */
export interface AwaitingDevice {
  deviceId: string;
  serialNumber: string | null;
  groupTag: string | null;
  purchaseOrder: string | null;
  /** It was enrolled before it was registered: an object that it has joined with is tagged, never asked for. */
  automatic: boolean;
}

/** Loads a chunk that is still to be decided, or null where that has been done. */
export async function loadOpenChunk(pool: pg.Pool, key: ChunkKey): Promise<OpenChunk | null> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query({
      name: 'load_open_chunk',
      text: `select r.kind, r.validate_only, r.partner_id, r.source_format, r.csv_header, r.defaults, c.first_line, c.line_count
             from registry.run_chunk c join registry.run r on r.id = c.run_id
             where c.run_id = $1 and c.number = $2 and c.state = 'sealed'`,
      values: [key.runId, key.chunk],
    });
    const row = rows[0];
    if (row === undefined) return null;
    const sealedBody = await readBytes(
      client,
      `select body from registry.intake_part where intake_id = ${pg.escapeLiteral(key.runId)} and number = ${Number(key.chunk)}`,
    );
    if (sealedBody === null) return null;
    return {
      kind: row.kind,
      validateOnly: row.validate_only,
      partnerId: row.partner_id,
      format: row.source_format,
      csvHeader: row.csv_header,
      defaults: row.defaults,
      firstLine: row.first_line,
      lineCount: row.line_count,
      sealedBody,
    };
  });
}

/** The devices of a chunk that were registered, or put back, or null where that is settled already or the run is cancelled. */
export async function loadAwaiting(pool: pg.Pool, key: ChunkKey): Promise<AwaitingDevice[] | null> {
  return inTenant(pool, key.tenantId, async (client) => {
    const { rows } = await client.query({
      name: 'load_awaiting',
      text: `select d.id, d.serial_number, d.group_tag, d.purchase_order, r.kind = 'automatic_registration' as automatic
             from registry.run_chunk c
             join registry.run r on r.id = c.run_id
             cross join lateral unnest(c.device_ids) as w (id)
             join registry.device d on d.tenant_id = c.tenant_id and d.id = w.id
             where c.run_id = $1 and c.number = $2
               and (c.state = 'restoring' or (c.state = 'registered' and r.commanded is distinct from 'cancel'))`,
      values: [key.runId, key.chunk],
    });
    if (rows.length === 0) return null;
    return rows.map((row) => ({
      deviceId: row.id,
      serialNumber: row.serial_number,
      groupTag: row.group_tag,
      purchaseOrder: row.purchase_order,
      automatic: row.automatic,
    }));
  });
}

/** Removes the chunk's sealed rows: every one of them has its verdict. */
export async function dropBody(client: pg.PoolClient, key: ChunkKey): Promise<void> {
  await client.query({
    name: 'drop_body',
    text: 'delete from registry.intake_part where intake_id = $1 and number = $2',
    values: [key.runId, key.chunk],
  });
}
