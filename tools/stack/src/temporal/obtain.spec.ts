import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Progress } from '../progress.js';
import { cachedBinary } from './cache.js';
import { obtainTemporal } from './obtain.js';

const before = { ...process.env };
let place: string;
let said: string[];
const progress: Progress = { line: (text) => said.push(text), tick: () => undefined };

beforeEach(() => {
  said = [];
  place = mkdtempSync(join(tmpdir(), 'obtain-'));
  process.env['GROUNDCREW_CACHE'] = join(place, 'cache');
  process.env['GROUNDCREW_TEMPORAL_DOWNLOAD'] = 'off';
  // The system's own tools, but neither Go nor a `temporal` that this machine may have.
  process.env['PATH'] = [join(place, 'bin'), '/usr/bin', '/bin'].join(delimiter);
});

afterEach(() => {
  process.env = { ...before };
  rmSync(place, { recursive: true, force: true });
});

describe('obtaining a Temporal server', () => {
  it('takes a fitting one on PATH', async () => {
    const path = program(join(place, 'bin', 'temporal'), 'temporal version 1.8.0 (Server 1.31.1, UI 2.50.1)');
    expect(await obtainTemporal(progress)).toEqual({ path, serverVersion: '1.31.1' });
    expect(said).toEqual([]);
  });

  it('passes over one on PATH that does not fit, says why, and takes the cached one', async () => {
    program(join(place, 'bin', 'temporal'), 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
    const path = program(cachedBinary(), 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)');
    expect(await obtainTemporal(progress)).toEqual({ path, serverVersion: '1.31.2' });
    expect(said).toEqual([expect.stringMatching(/does not fit: its server is 1\.29\.1, and 1\.31\.x is needed/)]);
  });

  it('says of every way why it failed, and of the last one what to do', async () => {
    process.env['PATH'] = join(place, 'bin');
    await expect(obtainTemporal(progress)).rejects.toThrow(
      /Put `temporal` 1\.8\.2 on PATH, or install Go .* or set TEMPORAL_ADDRESS/,
    );
    expect(said).toEqual([
      'no `temporal` on PATH',
      expect.stringMatching(/^nothing cached at /),
      'release archive: switched off by GROUNDCREW_TEMPORAL_DOWNLOAD',
      'build from source: there is no Go on PATH',
    ]);
  });

  it('leaves neither half a program nor its lock behind', async () => {
    process.env['PATH'] = join(place, 'bin');
    await expect(obtainTemporal(progress)).rejects.toThrow();
    expect(existsSync(cachedBinary())).toBe(false);
    expect(existsSync(join(dirname(cachedBinary()), 'lock'))).toBe(false);
  });

  it('takes the lock of a process that is no more', async () => {
    process.env['PATH'] = join(place, 'bin');
    mkdirSync(dirname(cachedBinary()), { recursive: true });
    writeFileSync(join(dirname(cachedBinary()), 'lock'), JSON.stringify({ pid: 1, startedAt: 'long ago' }));
    await expect(obtainTemporal(progress)).rejects.toThrow(/There is no Temporal server/);
  });
});

function program(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${version}'\n`);
  chmodSync(path, 0o755);
  return path;
}
