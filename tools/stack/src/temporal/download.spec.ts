import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from '@jest/globals';

import { silence } from '../progress.js';
import { downloadTemporal } from './download.js';

const ARCHIVE = 'temporal_cli_1.8.2_linux_amd64.tar.gz';
const program = Buffer.from('#!/bin/sh\necho temporal\n');
const archive = gzipSync(
  Buffer.concat([tarEntry('LICENSE', Buffer.from('MIT')), tarEntry('temporal', program), Buffer.alloc(1024)]),
);
const checksums = (digest = createHash('sha256').update(archive).digest('hex')): string =>
  `${'0'.repeat(64)}  other.zip\n${digest}  ${ARCHIVE}\n`;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('downloading the Temporal server from the official release', () => {
  it('takes the program out of an archive whose checksum is right', async () => {
    const baseUrl = await release({
      'checksums.txt': (_, response) => response.end(checksums()),
      [ARCHIVE]: (_, response) => response.end(archive),
    });
    expect(await download(baseUrl)).toEqual(program);
  });

  it('refuses an archive whose checksum is wrong', async () => {
    const baseUrl = await release({
      'checksums.txt': (_, response) => response.end(checksums('a'.repeat(64))),
      [ARCHIVE]: (_, response) => response.end(archive),
    });
    await expect(download(baseUrl)).rejects.toThrow(/the checksum of .* is .*, and the release says aaaaaaaaaaaa/);
  });

  it('refuses a release that does not name the archive', async () => {
    const baseUrl = await release({ 'checksums.txt': (_, response) => response.end('') });
    await expect(download(baseUrl)).rejects.toThrow(`checksums.txt does not name ${ARCHIVE}`);
  });

  it('notices a download that breaks off', async () => {
    const baseUrl = await release({
      'checksums.txt': (_, response) => response.end(checksums()),
      [ARCHIVE]: (_, response) => {
        response.writeHead(200, { 'content-length': archive.length });
        response.write(archive.subarray(0, 100), () => response.destroy());
      },
    });
    await expect(download(baseUrl)).rejects.toThrow(/broke off/);
  });

  it('notices an archive that was cut short on the server', async () => {
    const baseUrl = await release({
      'checksums.txt': (_, response) => response.end(checksums()),
      [ARCHIVE]: (_, response) => response.end(archive.subarray(0, 100)),
    });
    await expect(download(baseUrl)).rejects.toThrow(/the checksum of/);
  });

  it('gives up on a server that takes the connection and says nothing', async () => {
    const baseUrl = await release({ 'checksums.txt': () => undefined });
    await expect(download(baseUrl)).rejects.toThrow(/127\.0\.0\.1:\d+ said nothing for 0\.3 s/);
  });

  it('gives up on a server that stops in the middle', async () => {
    const baseUrl = await release({
      'checksums.txt': (_, response) => response.end(checksums()),
      [ARCHIVE]: (_, response) => {
        response.writeHead(200, { 'content-length': archive.length });
        response.write(archive.subarray(0, 100));
      },
    });
    await expect(download(baseUrl)).rejects.toThrow(/said nothing for 0\.3 s/);
  });

  it('says in words that nobody listens', async () => {
    const baseUrl = await release({});
    server?.close();
    await expect(download(baseUrl)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('says what the server answered when there is no such release', async () => {
    const baseUrl = await release({});
    await expect(download(baseUrl)).rejects.toThrow('checksums.txt: HTTP 404');
  });
});

function download(baseUrl: string): Promise<Buffer> {
  return downloadTemporal({ baseUrl, archive: ARCHIVE, silenceSeconds: 0.3, progress: silence });
}

async function release(files: Record<string, RequestListener>): Promise<string> {
  const listening = createServer((request, response) => {
    const file = files[(request.url ?? '').slice(1)];
    if (file !== undefined) return file(request, response);
    response.writeHead(404).end();
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

function tarEntry(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.write('0', 156);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
