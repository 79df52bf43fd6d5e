import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';
import type { RunDefaults } from '../rows/run.row.js';
import type { Scope, Unit } from '../scope/with-scope.js';

/** What an upload becomes when it is committed. */
export interface UploadTerms {
  defaults: RunDefaults;
  validateOnly: boolean;
}

export interface Upload {
  id: string;
  tenantId: string;
  /** Null where the tenant sends it itself. */
  partnerId: string | null;
  format: 'csv' | 'jsonl';
  terms: UploadTerms;
  state: 'open' | 'committed';
  runId: string | null;
  createdAt: string;
  expiresAt: string;
  parts: number;
  bytes: number;
}

export interface UploadPart {
  number: number;
  bytes: number;
  /** SHA-256. */
  digest: Buffer;
}

/** The context of a part of an upload. */
export function uploadContext(uploadId: string, number: number): string {
  return `upload/${uploadId}/${number}`;
}

export async function openUpload(
  unit: Unit,
  scope: Scope,
  upload: Pick<Upload, 'id' | 'tenantId' | 'partnerId' | 'format' | 'terms'>,
  expirySeconds: number,
): Promise<Upload> {
  await unit.change(
    `insert into registry.upload (id, principal, tenant_id, partner_id, format, terms, expires_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, now() + make_interval(secs => $7))`,
    [
      upload.id,
      scope.principal,
      upload.tenantId,
      upload.partnerId,
      upload.format,
      JSON.stringify(upload.terms),
      expirySeconds,
    ],
  );
  return (await findUpload(unit, upload.id))!;
}

/** The caller's own upload; one that is over its time is nobody's. */
export async function findUpload(unit: Unit, id: string): Promise<Upload | null> {
  const [row] = await unit.query<{
    tenant_id: string;
    partner_id: string | null;
    format: Upload['format'];
    terms: UploadTerms;
    state: Upload['state'];
    run_id: string | null;
    created_at: string;
    expires_at: string;
    parts: number;
    bytes: number;
  }>(
    `select u.tenant_id, u.partner_id, u.format, u.terms, u.state, u.run_id, u.created_at, u.expires_at,
       count(p.number)::integer as parts, coalesce(sum(p.bytes), 0)::float8 as bytes
     from registry.upload u left join registry.upload_part p on p.upload_id = u.id
     where u.id = $1 and u.expires_at > now() group by u.id`,
    [id],
  );
  if (row === undefined) return null;
  return {
    id,
    tenantId: row.tenant_id,
    partnerId: row.partner_id,
    format: row.format,
    terms: row.terms,
    state: row.state,
    runId: row.run_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    parts: row.parts,
    bytes: row.bytes,
  };
}

/** Which parts are there, in their order. */
export async function listUploadParts(unit: Unit, id: string, page: Keyset<number>): Promise<Slice<UploadPart>> {
  const found = await unit.query<UploadPart>(
    'select number, bytes, digest from registry.upload_part where upload_id = $1 and number > $2 order by number limit $3',
    [id, page.after ?? 0, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/**
 * Keeps a part. The same part again changes nothing; another one under its number takes its place. Whoever still sends parts gets
 * more time.
 *
 * @returns false where the upload is not open any more
 */
export async function keepUploadPart(
  unit: Unit,
  scope: Scope,
  id: string,
  part: UploadPart & { sealed: Buffer },
  expirySeconds: number,
): Promise<boolean> {
  const open = await unit.change(
    `update registry.upload set expires_at = now() + make_interval(secs => $2)
     where id = $1 and state = 'open' and expires_at > now()`,
    [id, expirySeconds],
  );
  if (open !== 1) return false;
  await unit.change(
    `insert into registry.upload_part as kept (upload_id, number, principal, bytes, digest, sealed) values ($1, $2, $3, $4, $5, $6)
     on conflict (upload_id, number) do update set bytes = excluded.bytes, digest = excluded.digest, sealed = excluded.sealed
       where kept.digest <> excluded.digest`,
    [id, part.number, scope.principal, part.bytes, part.digest, part.sealed],
  );
  return true;
}

/** The sealed bytes of one part. */
export async function readUploadPart(unit: Unit, id: string, number: number): Promise<Buffer | null> {
  const [row] = await unit.query<{ sealed: Buffer }>(
    'select sealed from registry.upload_part where upload_id = $1 and number = $2',
    [id, number],
  );
  return row?.sealed ?? null;
}

/**
 * Closes an upload in the transaction that makes a run of it; its parts go.
 *
 * @param digests of the parts that were read, in their order
 * @returns why not, where somebody else was faster
 */
export async function commitUpload(
  unit: Unit,
  id: string,
  runId: string,
  digests: readonly Buffer[],
): Promise<'committed' | 'not_open' | 'changed'> {
  const [held] = await unit.query<{ state: string }>(`select state from registry.upload where id = $1 for update`, [
    id,
  ]);
  if (held?.state !== 'open') return 'not_open';
  const kept = await unit.query<UploadPart>(
    'select number, bytes, digest from registry.upload_part where upload_id = $1 order by number',
    [id],
  );
  const same = kept.length === digests.length && kept.every(({ digest }, index) => digest.equals(digests[index]!));
  if (!same) return 'changed';
  await unit.change('delete from registry.upload_part where upload_id = $1', [id]);
  await unit.change(`update registry.upload set state = 'committed', run_id = $2 where id = $1`, [id, runId]);
  return 'committed';
}
