import { createServer } from 'node:http';

import { developmentKey } from './keys.js';
import { discoveryDocument } from './metadata.js';

/**
 * The development issuer as a process: it publishes its key and its discovery documents. It hands out no tokens; who may
 * read the key on this machine may make them.
 */
const { GROUNDCREW_ISSUER_FOLDER: folder = '', GROUNDCREW_ISSUER_PORT: port = '' } = process.env;
const issuerUrl = `http://127.0.0.1:${port}`;
const { publicJwk } = await developmentKey(folder);

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', issuerUrl).pathname;
  const document = path === '/discovery/keys' ? { keys: [publicJwk] } : discoveryDocument(issuerUrl, path);
  response.writeHead(document === undefined ? 404 : 200, {
    'content-type': 'application/json',
    'cache-control': 'max-age=60',
  });
  response.end(JSON.stringify(document ?? { error: 'not_found' }));
});
server.listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ level: 30, msg: 'ready', issuerUrl })));
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
