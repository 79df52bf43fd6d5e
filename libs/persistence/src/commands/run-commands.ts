import type { RunCommand, RunKind, RunState } from '@groundcrew/domain';
import type { Unit } from '../scope/with-scope.js';

/** Holds a run of the caller's still until the transaction ends; null where it is somebody else's. */
export async function holdRun(
  unit: Unit,
  id: string,
): Promise<{ kind: RunKind; state: RunState; commanded: RunCommand | null } | null> {
  const [run] = await unit.query<{ kind: RunKind; state: RunState; commanded: RunCommand | null }>(
    'select kind, state, commanded from registry.hold_run($1)',
    [id],
  );
  return run ?? null;
}

/** Writes down what a run that is held was told; the message in the outbox tells its workflow, now or when Temporal is back. */
export async function commandRun(unit: Unit, id: string, command: RunCommand, reason: string | null): Promise<void> {
  await unit.query('select registry.command_run($1, $2, $3)', [id, command, reason]);
}
