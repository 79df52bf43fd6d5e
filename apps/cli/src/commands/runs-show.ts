import { Command, Option } from 'commander';
import type { RunItemView, RunStepView, RunView } from '@groundcrew/contracts';
import { verdictNames, verdicts, type Verdict } from '@groundcrew/domain';
import type { ApiClient } from '../api/api-client.js';
import { limited, pageSizeOf, withLimit, type ListOptions } from '../output/limit.js';
import { tableOf } from '../output/table.js';
import { followRun } from '../runs/follow-run.js';
import { askOf } from '../runs/run-asks.js';
import {
  factsOfRun,
  itemColumns,
  stepColumns,
  verdictColumns,
  verdictLinesOf,
  waitColumns,
} from '../runs/run-report.js';
import type { Session, Shell } from '../session.js';

interface Options extends ListOptions {
  items?: true;
  verdict?: Verdict;
  rejected?: true;
  steps?: true;
  watch?: true;
}

/** `groundcrew runs show` */
export function runsShow(shell: Shell): Command {
  return withLimit(new Command('show'))
    .description('show a run: its state, its verdicts, and what it waits for')
    .argument('<run>', 'id of the run')
    .option('--items', 'with the verdict on each row')
    .addOption(new Option('--verdict <verdict>', 'only rows with this verdict').choices(verdictNames))
    .addOption(new Option('--rejected', 'only rows that were rejected').conflicts('verdict'))
    .option('--steps', 'with what was asked of each neighbour')
    .addOption(new Option('--watch', 'stay until it is done; exit code 1 when rows were rejected'))
    .action(async (runId: string, options: Options, command) => {
      const session = shell.open(command as Command);
      if (options.watch) shell.exitCode = await followRun(session, runId);
      if (!options.watch || wantsItems(options) || options.steps) await show(session, runId, options);
    });
}

async function show(session: Session, runId: string, options: Options): Promise<void> {
  const { client, report } = session;
  const path = `/operations/${encodeURIComponent(runId)}`;
  const run = await client.get<RunView>(path);
  const items = wantsItems(options) ? limited(itemsOf(client, path, run, options), options, report) : null;
  const steps = options.steps ? limited(stepsOf(client, path, options), options, report) : null;
  if (report.output === 'json') {
    report.json({ ...run, ...(items && { items: await kept(items) }), ...(steps && { steps: await kept(steps) }) });
    return;
  }
  if (report.output === 'table') await describe(session, path, run, options);
  else if (items === null && steps === null) report.json(run);
  if (items !== null) await report.many(headed(items, report, 'Rows'), itemColumns);
  if (steps !== null) await report.many(headed(steps, report, 'Steps'), stepColumns);
}

async function describe({ client, report }: Session, path: string, run: RunView, options: Options): Promise<void> {
  if (!options.watch) {
    report.one(run, factsOfRun(run));
    const lines = verdictLinesOf(run);
    if (lines.length > 0) report.text(`\n${tableOf(verdictColumns, lines)}`);
  }
  if (run.done) return;
  const ask = askOf(run);
  if (ask !== null) report.text(`\n${ask}`);
  const waits: RunStepView[] = [];
  for await (const step of stepsOf(client, path, { limit: 1_000 })) if (step.waitingFor !== null) waits.push(step);
  if (waits.length > 0) report.text(`\nWaiting\n${tableOf(waitColumns, waits)}`);
}

function wantsItems({ items, verdict, rejected }: Options): boolean {
  return items === true || verdict !== undefined || rejected === true;
}

/** Rejected rows come verdict by verdict: the service filters by one at a time. */
async function* itemsOf(client: ApiClient, path: string, run: RunView, options: Options): AsyncGenerator<RunItemView> {
  const asked = options.rejected
    ? verdictNames.filter((name) => !verdicts[name].accepted && (run.verdicts[name] ?? 0) > 0)
    : [options.verdict];
  for (const verdict of asked) {
    yield* client.items<RunItemView>(`${path}/items`, { verdict, maxpagesize: pageSizeOf(options) });
  }
}

function stepsOf(client: ApiClient, path: string, options: ListOptions): AsyncGenerator<RunStepView> {
  return client.items<RunStepView>(`${path}/steps`, { maxpagesize: pageSizeOf(options) });
}

/** A list under its name, where there are other things above it. */
async function* headed<Item>(
  items: AsyncIterable<Item>,
  report: Session['report'],
  name: string,
): AsyncGenerator<Item> {
  if (report.output === 'table') report.text(`\n${name}`);
  yield* items;
}

async function kept<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
