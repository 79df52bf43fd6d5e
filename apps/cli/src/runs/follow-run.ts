import type { RunView } from '@groundcrew/contracts';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { progressDisplay } from '../output/progress-display.js';
import { tableOf } from '../output/table.js';
import type { Session } from '../session.js';
import { askOf } from './run-asks.js';
import { removalOf, stateOf, verdictColumns, verdictLinesOf } from './run-report.js';
import { progressText, totalsText, unitOf } from './run-words.js';
import { RunRate } from './run-rate.js';
import { waitsOf } from './run-waits.js';
import { watchRun } from './watch-run.js';

/** A bar may move often; a line in a log comes at most every second. */
const paceMilliseconds = { bar: 250, lines: 1_000 };

/** Shows a run until it is done, and answers what its end means. */
export async function followRun({ watcher, report, interrupted }: Session, runId: string): Promise<ExitCode> {
  const display = progressDisplay(report.notes);
  const rate = new RunRate();
  let shown: RunView | null = null;
  let outage: string | null = null;
  let asked: string | null = null;
  const client = watcher.withPatience({
    onPause: (reason) => {
      if (reason !== outage) report.aside(`The service does not answer (${reason}); the run goes on, still trying.`);
      outage = reason;
    },
  });
  try {
    const pace = report.notes.isTTY === true ? paceMilliseconds.bar : paceMilliseconds.lines;
    for await (const run of watchRun(client, runId, { paceMilliseconds: pace, interrupted })) {
      outage = null;
      const stands = shown !== null && !run.done && !isNews(shown, run);
      const waits = stands ? await waitsOf(client, run.id) : null;
      display.show(progressOf(run, rate.take(run.decided, Date.now()), waits));
      if (report.output === 'jsonl' && isNews(shown, run)) report.json(run);
      const ask = askOf(run);
      if (ask !== null && ask !== asked) display.say(ask);
      asked = ask;
      shown = run;
    }
  } catch (error) {
    if (interrupted.aborted)
      report.aside(`\nThe run goes on. To watch it again: groundcrew runs show ${runId} --watch`);
    throw error;
  } finally {
    display.end();
  }
  return conclude(report, shown!);
}

function isNews(before: RunView | null, now: RunView): boolean {
  return before === null || before.decided !== now.decided || stateOf(before) !== stateOf(now);
}

function progressOf(run: RunView, rowsPerSecond: number | null, waits: string | null) {
  return {
    value: run.decided,
    total: run.received,
    text: `${progressText(run, rowsPerSecond)}${waits === null ? '' : `; ${waits}`}`,
    state: `${stateOf(run)} ${waits ?? ''}`,
  };
}

function conclude(report: Session['report'], run: RunView): ExitCode {
  if (report.output === 'json') report.json(run);
  if (report.output === 'table') {
    report.text(`Run ${run.id} ended: ${stateOf(run)}${durationOf(run)}`);
    const verdicts = verdictLinesOf(run);
    if (verdicts.length > 0) report.text(tableOf(verdictColumns, verdicts));
    const removal = removalOf(run);
    if (removal !== null) report.text(`${run.validateOnly ? 'Would take away' : 'Took away'} ${removal}`);
    if (run.rejected > 0 && unitOf(run) === 'rows')
      report.text(`Rejected rows: groundcrew runs show ${run.id} --items --rejected`);
    report.text(totalsText(run));
  }
  return exitCodeOf(run);
}

/** A finished run says with its exit code whether it ended as the sender wished. */
export function exitCodeOf(run: RunView): ExitCode {
  return run.status === 'Succeeded' && run.rejected === 0 ? exitCodes.done : exitCodes.rejected;
}

function durationOf(run: RunView): string {
  const { startedAt, finishedAt, decided } = run;
  if (startedAt === null || finishedAt === null) return '';
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;
  const rate = seconds > 0 && decided > 0 ? `, ${Math.round(decided / seconds)} ${unitOf(run)}/s` : '';
  return ` in ${seconds.toFixed(1)} s${rate}`;
}
