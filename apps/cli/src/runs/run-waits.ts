import type { RunStepView } from '@groundcrew/contracts';
import type { ApiClient } from '../api/api-client.js';

/** Steps of a run that are looked through for what it waits for; who wants all of them reads `runs show`. */
const looked = 200;

/** Why a run stands still and when it is tried again, in a few words; null where nothing says so. */
export async function waitsOf(client: ApiClient, runId: string): Promise<string | null> {
  const path = `/operations/${encodeURIComponent(runId)}/steps`;
  const { value } = await client.get<{ value: RunStepView[] }>(path, { maxpagesize: String(looked) });
  const waits = value.filter((step) => step.waitingFor !== null && step.state !== 'observed');
  const first = waits[0];
  if (first === undefined) return null;
  const again = first.nextTryAt === null ? '' : `, tried again at ${timeOf(first.nextTryAt)}`;
  const others = waits.length === 1 ? '' : ` (and ${waits.length - 1} more)`;
  return `${first.step} waits: ${first.waitingFor}${again}${others}`;
}

/** The clock of a moment, without its day. */
function timeOf(moment: string): string {
  return moment.slice(11, 19);
}
