import { Command } from 'commander';
import { csvLine } from '@groundcrew/domain';
import { encodeHardwareHash } from '@groundcrew/matching';
import type { RunView } from '@groundcrew/contracts';
import { writeFile } from 'node:fs/promises';
import { MachineFiles } from '../capture/machine-files.js';
import { readMachine } from '../capture/read-machine.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { keyOf, keyOption } from '../idempotency-key.js';
import { decodingDigests } from '../matching/decoding-digests.js';
import { unreadable } from '../orders/order-file.js';
import { followRun } from '../runs/follow-run.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';

interface Options {
  out?: string;
  tenant?: string;
  groupTag?: string;
  root: string;
  key?: string;
}

/** `groundcrew capture` */
export function capture(shell: Shell): Command {
  return new Command('capture')
    .description('read the hardware of this machine (Linux) and write its hash, or register it at once')
    .option('--out <file>', 'write a CSV that can be imported')
    .option('--tenant <id>', 'register it for this tenant')
    .option('--group-tag <text>', 'group tag of the device')
    .option('--root <folder>', 'where the files of the machine lie', '/')
    .addOption(keyOption())
    .action(async (options: Options, command) => {
      shell.exitCode = await captureMachine(shell, command as Command, options);
    });
}

async function captureMachine(shell: Shell, command: Command, options: Options): Promise<ExitCode> {
  if (options.out === undefined && options.tenant === undefined) {
    throw new UsageError('Say where the hash goes: --out FILE writes a CSV, --tenant ID registers the device.');
  }
  const report = shell.report(command);
  const {
    report: machine,
    endorsementKey,
    missing,
  } = await readMachine(new MachineFiles(options.root), Math.floor(Date.now() / 1_000));
  const extras = endorsementKey === null ? {} : { endorsementKeyModulus: endorsementKey };
  const hash = Buffer.from(encodeHardwareHash(machine, decodingDigests, extras)).toString('base64');
  const { manufacturer, product, serialNumber } = machine.system;
  report.note(
    `${[manufacturer, product, serialNumber].filter((text) => text !== '').join(' ') || 'A machine without a name'}`,
  );
  for (const sentence of missing) report.note(sentence);
  const csv = csvLine(header) + csvLine([serialNumber, '', hash, options.groupTag ?? '']);
  if (options.out !== undefined) {
    // A hash tells what the machine is made of: nobody else needs to read it.
    await writeFile(options.out, csv, { mode: 0o600 }).catch((error: unknown) => {
      throw unreadable(options.out!, error);
    });
    report.note(`Written to ${options.out}. To register it: groundcrew imports submit ${options.out} --tenant ID`);
  }
  if (options.tenant === undefined) return exitCodes.done;
  const session = shell.open(command);
  const run = await session.client.command<RunView>('POST', `/tenants/${encodeURIComponent(options.tenant)}/imports`, {
    key: keyOf(options.key),
    body: { contentType: 'text/csv', open: () => csv },
  });
  return await followRun(session, run.id);
}

const header = ['Device Serial Number', 'Windows Product ID', 'Hardware Hash', 'Group Tag'];
