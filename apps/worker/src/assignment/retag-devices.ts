import { physicalIdsOf } from '@groundcrew/domain';
import { forgetRetags, tellRetags, type Retag } from '@groundcrew/persistence/without-orm';
import type { DirectoryPort } from '@groundcrew/subsystems';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { askNeighbour, type NoteWait } from '../neighbours/ask-neighbour.js';
import { lookUntil } from '../neighbours/look-until.js';

export interface RetagTools {
  pool: pg.Pool;
  directory: DirectoryPort;
  /** How long one attempt watches, in milliseconds. */
  observePatienceMs: number;
}

const mostAtOnce = 1_000;

/**
 * Tells the directory the tags of devices that were changed, and waits until it carries them. Asked once per chunk of an assignment run:
 * who changes a tag asks for such a run. Where nothing waits it is one look at an empty table.
 */
export async function retagDevices(tools: RetagTools, tenantId: string, note: NoteWait): Promise<void> {
  const { pool, directory } = tools;
  const tell = (retags: readonly Retag[]) =>
    directory.tag(
      keyOf(retags),
      tenantId,
      retags.map((retag) => ({
        registrationId: retag.deviceId,
        objectId: retag.objectId,
        physicalIds: physicalIdsOf({ ...retag, registrationId: retag.deviceId }),
      })),
    );
  const told = await askNeighbour(note, () => tellRetags(pool, tenantId, mostAtOnce, tell));
  if (told.length === 0) return;
  await lookUntil({ patienceMs: tools.observePatienceMs, note }, async () => {
    const { applied } = await directory.observe(keyOf(told), tenantId, []);
    return applied
      ? { seen: told }
      : { missing: `the directory has not written the tags of ${told.length} changed devices yet` };
  });
  await forgetRetags(pool, tenantId, told);
}

/** The same changes are the same request. */
function keyOf(retags: readonly Retag[]): string {
  const digest = createHash('sha256');
  for (const { deviceId, change } of retags) digest.update(`${deviceId}:${change}\n`);
  return `retag/${digest.digest('hex').slice(0, 32)}`;
}
