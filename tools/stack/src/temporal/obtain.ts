import { accessSync, chmodSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { silence, type Progress } from '../progress.js';
import { buildTemporal } from './build.js';
import { cachedBinary, whileHoldingCache } from './cache.js';
import { downloadTemporal } from './download.js';
import { cliVersion, examine, releaseArchiveName, releaseUrl, type ServerBinary } from './release.js';

const SILENCE_SECONDS = 10;

/**
 * A Temporal server that fits: the one on PATH, the cached one, the official release, or one built with Go. Each way that
 * fails says in one line why.
 */
export async function obtainTemporal(progress: Progress, signal?: AbortSignal): Promise<ServerBinary> {
  const installed = pathBinary();
  const own = installed === undefined ? undefined : ifItFits(installed, 'on PATH', progress);
  if (own !== undefined) return own;

  const cached = cachedBinary();
  const known = existsSync(cached) ? ifItFits(cached, 'in the cache', progress) : undefined;
  if (known !== undefined) return known;

  if (installed === undefined) progress.line('no `temporal` on PATH');
  if (!existsSync(cached)) progress.line(`nothing cached at ${cached}`);
  return whileHoldingCache(dirname(cached), progress, async () => {
    const filledMeanwhile = existsSync(cached) ? ifItFits(cached, 'in the cache', silence) : undefined;
    if (filledMeanwhile !== undefined) return filledMeanwhile;

    for (const fill of [fillFromRelease, fillFromSource]) {
      const draft = `${cached}.${process.pid}`;
      try {
        await fill(draft, progress, signal);
        chmodSync(draft, 0o755);
        const examined = examine(draft);
        if (!examined.fits) throw new Error(examined.because);
        // Nobody ever sees half a program.
        renameSync(draft, cached);
        return { ...examined.binary, path: cached };
      } catch (error) {
        if (signal?.aborted === true) throw error;
        progress.line(
          `${fill === fillFromRelease ? 'release archive' : 'build from source'}: ${(error as Error).message}`,
        );
      } finally {
        rmSync(draft, { force: true });
      }
    }
    throw new Error(
      `There is no Temporal server. Put \`temporal\` ${cliVersion} on PATH, or install Go 1.26 and let it reach proxy.golang.org, ` +
        'or set TEMPORAL_ADDRESS to a server that runs.',
    );
  });
}

function pathBinary(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'temporal'))
    .find(isExecutable);
}

function ifItFits(path: string, where: string, progress: Progress): ServerBinary | undefined {
  const examined = examine(path);
  if (examined.fits) return examined.binary;
  progress.line(`${path} ${where} does not fit: ${examined.because}`);
  return undefined;
}

async function fillFromRelease(draft: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  if (process.env['GROUNDCREW_TEMPORAL_DOWNLOAD'] === 'off')
    throw new Error('switched off by GROUNDCREW_TEMPORAL_DOWNLOAD');
  const baseUrl = process.env['GROUNDCREW_TEMPORAL_DOWNLOAD_URL'] || releaseUrl;
  const archive = releaseArchiveName();
  progress.line(`downloading ${archive} from ${new URL(baseUrl).host}`);
  const program = await downloadTemporal({
    baseUrl,
    archive,
    silenceSeconds: SILENCE_SECONDS,
    progress,
    ...(signal === undefined ? {} : { signal }),
  });
  mkdirSync(dirname(draft), { recursive: true });
  writeFileSync(draft, program, { mode: 0o755 });
}

function fillFromSource(draft: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  return buildTemporal(draft, progress, signal);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
