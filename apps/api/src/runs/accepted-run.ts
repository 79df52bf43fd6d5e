import type { Run, StoredAnswer } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import type { Call } from '../routes/operation.js';
import { monitorUrl, toRunView } from './run.view.js';

/** The answer to a command that became a run: its monitor, and where to look. @param place the resource that the command made, if any */
export function acceptedRun(
  run: Run,
  call: Call<unknown>,
  configuration: Pick<Configuration, 'publicUrl' | 'temporalUi'>,
  place?: string,
): StoredAnswer {
  const { publicUrl } = configuration;
  return {
    status: 202,
    body: toRunView(run, configuration, call.caller.isOperator),
    headers: {
      'operation-location': monitorUrl(publicUrl, run.id),
      location: place === undefined ? monitorUrl(publicUrl, run.id) : `${publicUrl}${place}`,
      'retry-after': '1',
    },
  };
}
