import { totalsOf, type VerdictCounts } from './verdict.js';

/** What a run can be about. A run is one durable piece of work over one or many devices. */
export const runKinds = [
  'registration_order',
  'import',
  'surface_case',
  'hardware_report',
  'order_void',
  'order_return',
  'order_replacement',
  'consent',
  'assignment',
  'deregistration',
  'restore',
  'orphan_scan',
  'automatic_registration',
  'repair',
] as const;
export type RunKind = (typeof runKinds)[number];

/** Where a run stands. A state is a word for the machine; its label lives in the console. */
export const runStates = ['accepted', 'running', 'needs_attention', 'completed', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

export type RunEvent = 'start' | 'park' | 'resume' | 'complete' | 'fail' | 'cancel';

/** Which event moves which state where. */
export const runLifecycle: Record<RunState, Partial<Record<RunEvent, RunState>>> = {
  accepted: { start: 'running', cancel: 'cancelled' },
  running: { park: 'needs_attention', complete: 'completed', fail: 'failed', cancel: 'cancelled', start: 'running' },
  needs_attention: { resume: 'running', fail: 'failed', cancel: 'cancelled' },
  completed: {},
  failed: {},
  cancelled: {},
};

/** A closed run changes no more. */
export function isClosed(state: RunState): boolean {
  return Object.keys(runLifecycle[state]).length === 0;
}

/** The five words of the monitor on the wire. Source: interfaces-security.md 2.1. */
export type MonitorStatus = 'NotStarted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
export type MonitorSubStatus = 'CompletedWithErrors' | 'NeedsAttention' | 'Compensating' | 'Compensated' | null;

const monitorStatusOf: Record<RunState, MonitorStatus> = {
  accepted: 'NotStarted',
  running: 'Running',
  needs_attention: 'Running',
  completed: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Canceled',
};

/** What the monitor says of a run in this state with these verdicts, and what it was told last. */
export function monitorOf(
  state: RunState,
  counts: VerdictCounts,
  commanded: string | null = null,
): { status: MonitorStatus; subStatus: MonitorSubStatus; done: boolean } {
  return { status: monitorStatusOf[state], subStatus: subStatusOf(state, counts, commanded), done: isClosed(state) };
}

function subStatusOf(state: RunState, counts: VerdictCounts, commanded: string | null): MonitorSubStatus {
  if (state === 'cancelled') return 'Compensated';
  // Also where taking back is what cannot go on: nobody would look, were it said to be under way.
  if (state === 'needs_attention') return 'NeedsAttention';
  if (!isClosed(state) && commanded === 'cancel') return 'Compensating';
  return state === 'completed' && totalsOf(counts).rejected > 0 ? 'CompletedWithErrors' : null;
}

/** Runs of one part are answered by the interactive workers, so that an order of 100,000 does not delay them. */
export function taskQueueFor(chunks: number): 'interactive' | 'bulk' {
  return chunks <= 1 ? 'interactive' : 'bulk';
}

/** The id of the workflow that executes a run: starting it twice is starting it once. */
export function workflowIdOf(kind: RunKind, runId: string): string {
  return `${kind}/${runId}`;
}
