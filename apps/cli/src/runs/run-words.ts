import type { RunView } from '@groundcrew/contracts';
import { runKinds, type RunKind } from '@groundcrew/domain';
import { stateOf, verdictLinesOf } from './run-report.js';

/** What a run counts: rows that are registered or rejected, or devices that come to an end of their own. */
const counted: Record<RunKind, 'rows' | 'devices'> = {
  registration_order: 'rows',
  import: 'rows',
  surface_case: 'rows',
  hardware_report: 'rows',
  order_void: 'rows',
  order_return: 'rows',
  order_replacement: 'rows',
  consent: 'devices',
  assignment: 'devices',
  deregistration: 'devices',
  restore: 'devices',
  orphan_scan: 'devices',
  automatic_registration: 'rows',
  repair: 'devices',
};

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
export function unitOf({ kind }: RunView): 'rows' | 'devices' {
  return runKinds.includes(kind) ? counted[kind] : 'rows';
}

function totals(run: RunView): string {
  if (unitOf(run) === 'rows') return `, ${run.registered} registered, ${run.rejected} rejected`;
  const lines = verdictLinesOf(run).map(({ verdict, rows }) => [verdict, rows] as const);
  // What counts nothing has an outcome of its own.
  const told = run.received === 0 ? Object.entries(run.outcome ?? {}) : lines;
  return told.map(([name, number]) => `, ${number} ${name}`).join('');
}
