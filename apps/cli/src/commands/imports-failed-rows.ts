import { Command } from 'commander';
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Shell } from '../session.js';

interface Options {
  out?: string;
}

/** `groundcrew imports failed-rows` */
export function importsFailedRows(shell: Shell): Command {
  return new Command('failed-rows')
    .description('fetch the failed rows of your own import or order, with code and fix, to mend and send again')
    .argument('<run>', 'id of the run')
    .option('--out <file>', 'write them there; else to standard output. The file holds hardware hashes')
    .action(async (runId: string, options: Options, command) => {
      const { client, report } = shell.open(command as Command);
      const rows = await client.download(`/operations/${encodeURIComponent(runId)}/failedRows`);
      if (options.out === undefined) {
        // Standard output stays open: it is not ours to end.
        const out = new Writable({
          write: (chunk: Buffer, _encoding, done) => {
            shell.world.stdout.write(chunk.toString('utf8'));
            done();
          },
        });
        await pipeline(rows, out);
        return;
      }
      // Nobody else on this machine needs to read it.
      await pipeline(rows, createWriteStream(options.out, { mode: 0o600 }));
      report.note(`Failed rows are in ${options.out}. Mend them and send the file again: groundcrew imports submit`);
    });
}
