import type { RunItemView, RunStepView, RunView } from '@groundcrew/contracts';
import { takenBackWords, verdictNames, verdicts, type Verdict } from '@groundcrew/domain';
import type { Cell, Column } from '../output/table.js';

/** What is known about a run as a whole. */
export function factsOfRun(run: RunView): (readonly [string, Cell])[] {
  return [
    ['Run', run.id],
    ['Kind', run.kind],
    ['State', stateOf(run)],
    ['Tenant', run.tenantId],
    ['Partner', run.partnerId],
    ['Order', run.orderId],
    ['Created', run.createdAt],
    ['Started', run.startedAt],
    ['Finished', run.finishedAt],
    ['Received', run.received],
    ['Decided', run.decided],
    ['Registered', run.registered],
    ['Rejected', run.rejected],
    ['Outcome', outcomeOf(run)],
    ['Takes away', removalOf(run)],
    ['Problem', problemOf(run)],
    ...compensationOf(run),
    ['Temporal', run.links.temporal],
  ];
}

/** The run's state in the words of the wire, the sub-state behind it. */
export function stateOf({ status, subStatus }: Pick<RunView, 'status' | 'subStatus'>): string {
  return subStatus === null ? status : `${status} (${subStatus})`;
}

export interface VerdictLine {
  verdict: string;
  rows: number;
  /** What these rows did is gone again, because the run was cancelled. */
  takenBack: boolean;
}

/** How many rows had which verdict, in the order of the list of verdicts; one of a newer service comes last. */
export function verdictLinesOf(run: RunView): VerdictLine[] {
  const counted = run.verdicts as Record<string, number | undefined>;
  const names = new Set<string>([...verdictNames, ...Object.keys(counted)]);
  const { undone = 0, putBack = 0 } = run.compensation ?? {};
  const back: Record<string, number> = { registered: undone, removed: putBack };
  return [...names].flatMap((verdict) => {
    const gone = back[verdict] ?? 0;
    const lines = [
      { verdict, rows: (counted[verdict] ?? 0) - gone, takenBack: false },
      { verdict, rows: gone, takenBack: true },
    ];
    return lines.filter(({ rows }) => rows > 0);
  });
}

/** A verdict in words, where what it says may be gone again. */
export function wordOf({ verdict, takenBack }: { verdict: string; takenBack: boolean }): string {
  const back = takenBack ? takenBackWords[verdict as Verdict]?.word : undefined;
  return back ?? verdict;
}

export const verdictColumns: Column<VerdictLine>[] = [
  { head: 'VERDICT', cell: wordOf },
  { head: 'ROWS', cell: (line) => line.rows, align: 'right' },
  { head: 'NUMBER', cell: (line) => meaningOf(line.verdict)?.number, align: 'right' },
  { head: 'NAME', cell: (line) => meaningOf(line.verdict)?.name },
  {
    head: 'NEXT',
    cell: ({ verdict, takenBack }) => (takenBack ? takenBackWords[verdict as Verdict] : meaningOf(verdict))?.next,
  },
];

export const itemColumns: Column<RunItemView>[] = [
  { head: 'LINE', cell: (item) => item.line, align: 'right' },
  { head: 'VERDICT', cell: (item) => wordOf({ verdict: item.verdict, takenBack: item.takenBackAt !== null }) },
  { head: 'NUMBER', cell: (item) => item.number, align: 'right' },
  { head: 'NAME', cell: (item) => item.name },
  { head: 'FIELD', cell: (item) => item.field },
  { head: 'DEVICE', cell: (item) => item.deviceId },
  { head: 'WHY', cell: (item) => item.message ?? (item.repeats === null ? null : `Repeats line ${item.repeats}.`) },
  { head: 'NEXT', cell: (item) => item.next },
];

export const stepColumns: Column<RunStepView>[] = [
  { head: 'CHUNK', cell: (step) => step.chunk, align: 'right' },
  { head: 'STEP', cell: (step) => step.step },
  { head: 'STATE', cell: (step) => step.state },
  { head: 'DEVICES', cell: (step) => step.devices, align: 'right' },
  { head: 'ATTEMPTS', cell: (step) => step.attempts, align: 'right' },
  { head: 'REQUESTED', cell: (step) => step.requestedAt },
  { head: 'OBSERVED', cell: (step) => step.observedAt },
  { head: 'WAITING FOR', cell: (step) => step.waitingFor },
  { head: 'NEXT TRY', cell: (step) => step.nextTryAt },
  { head: 'DETAIL', cell: (step) => (step.detail === null ? null : JSON.stringify(step.detail)) },
];

/** Why a run is not further than it is. */
export const waitColumns: Column<RunStepView>[] = [
  { head: 'CHUNK', cell: (step) => step.chunk, align: 'right' },
  { head: 'STEP', cell: (step) => step.step },
  { head: 'WAITING FOR', cell: (step) => step.waitingFor },
  { head: 'ATTEMPTS', cell: (step) => step.attempts, align: 'right' },
  { head: 'NEXT TRY', cell: (step) => step.nextTryAt },
];

function meaningOf(verdict: string): (typeof verdicts)[Verdict] | undefined {
  return (verdicts as Partial<Record<string, (typeof verdicts)[Verdict]>>)[verdict];
}

function compensationOf({ compensation }: RunView): (readonly [string, Cell])[] {
  if (compensation === null || compensation === undefined) return [];
  return [
    ['Taken back', compensation.undone],
    ['Kept', compensation.kept],
    ['Left to others', compensation.left],
    ['Put back', compensation.putBack],
    ['Went forward', compensation.wentForward],
  ];
}

function outcomeOf({ outcome = {} }: { outcome?: RunView['outcome'] }): string | null {
  const told = Object.entries(outcome).filter(([, devices]) => devices > 0);
  return told.length === 0 ? null : told.map(([name, devices]) => `${name} ${devices}`).join(', ');
}

/** What a replacement takes away, or would; null where it ended without. */
export function removalOf({ replacement, done, status }: RunView): string | null {
  const endedWithout = done && status !== 'Succeeded';
  return replacement === null || endedWithout
    ? null
    : `${replacement.removes} of the order's ${replacement.of} devices`;
}

/** What is wrong with a run, by its code; behind it the sentence that came along, or else what is known. */
export function problemOf({ problem }: RunView): string | null {
  if (problem === null) return null;
  const { code, detail, message, ...facts } = problem;
  const known = Object.entries(facts).map(
    ([name, fact]) => `${name} ${typeof fact === 'object' ? JSON.stringify(fact) : String(fact)}`,
  );
  const sentence = [detail, message].find((part) => typeof part === 'string') ?? known.join(', ');
  return [code, sentence].filter((part) => typeof part === 'string' && part !== '').join(': ');
}
