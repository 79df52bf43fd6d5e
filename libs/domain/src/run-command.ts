import { accept, refuse, type Decision } from './decision.js';
import { isClosed, type RunKind, type RunState } from './run.js';

/** What a person can tell a run that is not over. */
export const runCommands = ['cancel', 'retry', 'confirm', 'abandon'] as const;
export type RunCommand = (typeof runCommands)[number];

/**
 * Which commands a kind of run understands. `cancel` takes back what the run did; the others answer a run that needs a person:
 * `retry` goes through its chunks again, `confirm` says yes to what it asked, `abandon` ends it as it is, with the reason.
 */
export const commandsOf: Partial<Record<RunKind, readonly RunCommand[]>> = {
  registration_order: ['cancel', 'retry', 'abandon'],
  hardware_report: ['cancel', 'retry', 'abandon'],
  order_void: ['cancel', 'retry', 'abandon'],
  order_return: ['cancel', 'retry', 'abandon'],
  order_replacement: ['cancel', 'retry', 'confirm', 'abandon'],
  assignment: ['cancel'],
  import: ['cancel', 'retry', 'abandon'],
  // Its devices are resolved one by one, or all with the same code, by its own route.
  deregistration: ['cancel'],
  automatic_registration: ['cancel', 'retry', 'abandon'],
  surface_case: ['cancel', 'retry', 'abandon'],
};

export type RunCommandRefusal = 'operation.closed' | 'operation.command-not-taken' | 'operation.needs-nobody';

/** May this run be told this now? Telling it to cancel twice is telling it once. */
export function takeCommand(
  run: { kind: RunKind; state: RunState; commanded: string | null },
  command: RunCommand,
): Decision<'told' | 'told_before', RunCommandRefusal> {
  if (isClosed(run.state)) return refuse('operation.closed');
  if (!(commandsOf[run.kind] ?? []).includes(command)) return refuse('operation.command-not-taken');
  // Once it is being taken back there is no other way any more.
  if (run.commanded === 'cancel')
    return command === 'cancel' ? accept('told_before') : refuse('operation.needs-nobody');
  if (command === 'cancel') return accept('told');
  return run.state === 'needs_attention' ? accept('told') : refuse('operation.needs-nobody');
}
