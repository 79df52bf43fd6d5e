import type { RunView, UploadPartView, UploadView } from '@groundcrew/contracts';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { ApiClient } from '../api/api-client.js';
import { unreadable } from '../orders/order-file.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage.error.js';

/** What is rows line by line, and can be cut anywhere. */
const partFormats = ['csv', 'jsonl'];

/** Bytes of a part: as many as the service takes. */
const partBytes = 8 * 1024 * 1024;

export interface Parts {
  client: ApiClient;
  file: { path: string; format: string };
  /** The key of the command as a whole; opening and committing have keys of their own that follow from it. */
  key: string;
  /** Where such an upload is begun: the tenant's imports, or the partner's orders. */
  place: string;
  terms: Record<string, unknown>;
  /** An upload that was interrupted. */
  resume: string | undefined;
  report: Session['report'];
  onSent: (bytes: number) => void;
}

/** Sends a file in parts, each with its digest, and commits them. Parts that are there already are not sent again. */
export async function sendInParts(sending: Parts): Promise<RunView> {
  const { client, file, key } = sending;
  const upload = await uploadOf(sending);
  if (upload.state === 'committed' && upload.operationId !== null) {
    sending.report.note(`Upload ${upload.id} is whole: it was committed before it was interrupted`);
    return await client.get<RunView>(`/operations/${encodeURIComponent(upload.operationId)}`);
  }
  sending.report.note(`Upload ${upload.id} (if this is interrupted, go on with --resume ${upload.id})`);
  const path = `/uploads/${upload.id}`;
  const there = new Map<number, string>();
  for await (const part of client.items<UploadPartView>(`${path}/parts`)) there.set(part.number, part.digest);
  const whole = createHash('sha256');
  let parts = 0;
  let sent = 0;
  for await (const bytes of partsOf(file.path)) {
    parts += 1;
    whole.update(bytes);
    const digest = contentDigest(createHash('sha256').update(bytes).digest());
    if (there.get(parts) !== digest) await client.put(`${path}/parts/${parts}`, bytes, { 'content-digest': digest });
    sent += bytes.length;
    sending.onSent(sent);
  }
  const body = JSON.stringify({ parts, digest: contentDigest(whole.digest()) });
  return await client.command<RunView>('POST', `${path}/commits`, {
    key,
    body: { contentType: 'application/json', open: () => body },
  });
}

async function uploadOf({ client, file, key, place, terms, resume }: Parts): Promise<UploadView> {
  if (!partFormats.includes(file.format)) {
    throw new UsageError(`Only rows are sent in parts, as ${partFormats.join(' or ')}: send this without --parts.`);
  }
  if (resume !== undefined) return await client.get<UploadView>(`/uploads/${encodeURIComponent(resume)}`);
  const body = JSON.stringify({ format: file.format, ...terms });
  return await client.command<UploadView>('POST', `${place}/uploads`, {
    key: `${key}/open`,
    body: { contentType: 'application/json', open: () => body },
  });
}

async function* partsOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    for (;;) {
      const buffer = Buffer.alloc(partBytes);
      const { bytesRead } = await file.read(buffer, 0, partBytes);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function contentDigest(digest: Buffer): string {
  return `sha-256=:${digest.toString('base64')}:`;
}
