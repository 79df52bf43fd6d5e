import { createServer } from 'node:http';

import pg from 'pg';

/**
 * What stands beside the intake, a process of its own: takes a body, cuts it into pieces of 1,000 lines, writes each as a row, one
 * transaction a piece, and answers 202 when the last one is committed. It looks at nothing, seals nothing and asks nobody who calls.
 */
const linesOfPiece = 1_000;
const lineFeed = 10;

const pool = new pg.Pool({ connectionString: process.argv[2], max: 2 });
await pool.query(
  'create table if not exists public.bare_piece (id bigint generated always as identity primary key, body bytea not null)',
);
await pool.query('alter table public.bare_piece alter column body set storage external');

const server = createServer((request, response) => {
  const take = async (): Promise<void> => {
    let kept: Buffer[] = [];
    let lines = 0;
    // One piece is written while the next one arrives, as the product does it.
    let writing = Promise.resolve();
    const write = async (): Promise<void> => {
      const body = Buffer.concat(kept);
      kept = [];
      lines = 0;
      await writing;
      writing = insert(body);
      writing.catch(() => undefined);
    };
    for await (const chunk of request as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, end + 1)) {
        lines += 1;
        if (lines < linesOfPiece) continue;
        kept.push(chunk.subarray(from, end + 1));
        from = end + 1;
        await write();
      }
      kept.push(chunk.subarray(from));
    }
    if (lines > 0) await write();
    await writing;
  };
  take().then(
    () => response.writeHead(202).end('{}'),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
// It ends with whoever started it.
process.stdin.resume().once('end', () => process.exit(0));

async function insert(body: Buffer): Promise<void> {
  await pool.query({ name: 'piece', text: 'insert into public.bare_piece (body) values ($1)', values: [body] });
}
