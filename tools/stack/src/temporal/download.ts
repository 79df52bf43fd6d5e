import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import type { Progress } from '../progress.js';
import { fileInArchive } from './archive.js';

export interface Download {
  /** The folder of the release: it holds the archive and `checksums.txt`. */
  baseUrl: string;
  archive: string;
  /** How long the other side may say nothing, from the first packet to the last. */
  silenceSeconds: number;
  progress: Progress;
  signal?: AbortSignal;
}

/** Fetches the release archive, holds it against the release's checksum, and takes the program out of it. */
export async function downloadTemporal(download: Download): Promise<Buffer> {
  const checksums = (await fetchWhole(download, 'checksums.txt')).toString('utf8');
  const expected = checksumFor(checksums, download.archive);
  if (expected === undefined) throw new Error(`checksums.txt does not name ${download.archive}`);

  const archive = await fetchWhole(download, download.archive);
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected) {
    throw new Error(
      `the checksum of ${download.archive} is ${actual.slice(0, 12)}…, and the release says ${expected.slice(0, 12)}…`,
    );
  }
  return fileInArchive(gunzipSync(archive), 'temporal');
}

/** Lines as `sha256sum` writes them: digest, blank, an optional star, name. */
function checksumFor(checksums: string, name: string): string | undefined {
  return checksums
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/))
    .find(([, file]) => file === name)?.[0]
    ?.toLowerCase();
}

async function fetchWhole(download: Download, file: string): Promise<Buffer> {
  const silence = new AbortController();
  const hush = (): NodeJS.Timeout =>
    setTimeout(
      () => silence.abort(new Error(`${new URL(download.baseUrl).host} said nothing for ${download.silenceSeconds} s`)),
      download.silenceSeconds * 1000,
    );
  let timer = hush();
  try {
    const signal = download.signal === undefined ? silence.signal : AbortSignal.any([silence.signal, download.signal]);
    const response = await fetch(`${download.baseUrl.replace(/\/$/, '')}/${file}`, { signal });
    if (!response.ok || response.body === null) throw new Error(`${file}: HTTP ${response.status}`);

    const announced = Number(response.headers.get('content-length') ?? Number.NaN);
    const parts: Uint8Array[] = [];
    let received = 0;
    for await (const part of response.body) {
      clearTimeout(timer);
      timer = hush();
      parts.push(part);
      received += part.length;
      download.progress.tick(
        `downloading ${file}: ${megabytes(received)}${Number.isNaN(announced) ? '' : ` of ${megabytes(announced)}`} MB`,
      );
    }
    if (!Number.isNaN(announced) && received < announced)
      throw new Error(`${file} ended after ${received} of ${announced} bytes`);
    return Buffer.concat(parts);
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason;
    throw readable(error, file);
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch failed` and `terminated` say nothing; their cause does. */
function readable(error: unknown, file: string): Error {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (cause === undefined) return error as Error;
  const reason = cause.message || cause.code;
  return new Error(message === 'terminated' ? `${file} broke off: ${reason}` : reason);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
