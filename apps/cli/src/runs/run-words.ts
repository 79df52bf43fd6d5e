import type { RunView } from '@groundcrew/contracts';
import { verdicts, type RunKind, type Verdict } from '@groundcrew/domain';
import { stateOf, verdictLinesOf, wordOf, type VerdictLine } from './run-report.js';

/** What rows of a run are meant to become; null where it counts devices that come to an end of their own. */
const meant: Record<RunKind, Verdict | null> = {
  registration_order: 'registered',
  import: 'registered',
  surface_case: 'registered',
  hardware_report: 'uploaded',
  order_void: 'removed',
  order_return: 'removed',
  order_replacement: 'registered',
  consent: null,
  assignment: null,
  deregistration: null,
  restore: null,
  orphan_scan: null,
  automatic_registration: 'registered',
  repair: null,
};

/** That the service took it, and as what. */
export function acceptedText({ id, received, validateOnly }: RunView): string {
  return `Accepted as run ${id}: ${received} rows${validateOnly ? ', for their verdicts alone' : ''}`;
}

/** How far a run is, in a line. */
export function progressText(run: RunView, rowsPerSecond: number | null): string {
  const unit = unitOf(run);
  const rate = rowsPerSecond === null || run.received === 0 ? '' : `, ${Math.round(rowsPerSecond)} ${unit}/s`;
  const share = run.received === 0 ? '' : ` ${run.decided} of ${run.received} ${unit}`;
  return `${stateOf(run)}${share === '' && totals(run) === '' ? '' : ':'}${share}${totals(run)}${rate}`.replace(
    ':, ',
    ': ',
  );
}

/** How it ended, in a line. */
export function totalsText(run: RunView): string {
  return totals(run).replace(/^, /, '') || 'nothing to do';
}

/** Of a kind that a newer service has nothing is known but its numbers. */
export function unitOf(run: RunView): 'rows' | 'devices' {
  return meantBy(run) === null ? 'devices' : 'rows';
}

function meantBy({ kind, validateOnly }: RunView): Verdict | null {
  const verdict = kind in meant ? meant[kind] : 'registered';
  return verdict === 'registered' && validateOnly ? 'would_register' : verdict;
}

function totals(run: RunView): string {
  const wished = meantBy(run);
  if (wished !== null) return rowTotals(run, wished);
  const lines = verdictLinesOf(run).map(({ verdict, rows }) => [verdict, rows] as const);
  // What counts nothing has an outcome of its own.
  const told = run.received === 0 ? Object.entries(run.outcome ?? {}) : lines;
  return told.map(([name, number]) => `, ${number} ${name}`).join('');
}

/** What was wished, also where it is none yet; what else became of rows without being rejected; and how many were. */
function rowTotals(run: RunView, wished: Verdict): string {
  const accepted = verdictLinesOf(run).filter(
    ({ verdict }) => verdict in verdicts && verdicts[verdict as Verdict].accepted,
  );
  const isWished = ({ verdict, takenBack }: VerdictLine) => verdict === wished && !takenBack;
  const first = accepted.find(isWished) ?? { verdict: wished, rows: 0, takenBack: false };
  const told = [first, ...accepted.filter((line) => !isWished(line))].map(
    (line) => `, ${line.rows} ${line.verdict === 'would_register' ? 'would be registered' : wordOf(line)}`,
  );
  return `${told.join('')}, ${run.rejected} rejected`;
}
