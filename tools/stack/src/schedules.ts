import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Stack } from './stack.js';
import { childEnvironment, nodeBinary, workspaceRoot } from './workspace.js';

/** Brings Temporal's schedules up to date, as a deployment does. */
export async function bringSchedulesUpToDate({ temporalAddress, temporalNamespace }: Stack): Promise<void> {
  await promisify(execFile)(nodeBinary, [join(workspaceRoot, 'apps/worker/dist/schedules.js')], {
    cwd: workspaceRoot,
    env: childEnvironment({
      GROUNDCREW_TEMPORAL_ADDRESS: temporalAddress,
      GROUNDCREW_TEMPORAL_NAMESPACE: temporalNamespace,
    }),
  });
}
