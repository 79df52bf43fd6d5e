import type { CorrectedLineView, RunEventView, RunItemView, RunStepView, RunView } from '@groundcrew/contracts';
import {
  corrections,
  isClosed,
  monitorOf,
  removingKinds,
  takenBackWords,
  tenantDeregistersFirst,
  totalsOf,
  verdicts,
  workflowIdOf,
  type OrderRow,
} from '@groundcrew/domain';
import type { CorrectionRecord, EventRecord, Run, RunItem, StepRecord } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import type { Caller } from '../identity/caller.js';
import { momentOf, momentOrNull } from '../routes/moments.js';

/** Where a run's monitor is found. */
export function monitorUrl(publicUrl: string, runId: string): string {
  return `${publicUrl}/v1/operations/${runId}`;
}

/** @param forOperator operators also hear where the run stands in Temporal's own UI */
export function toRunView(
  run: Run,
  configuration: Pick<Configuration, 'publicUrl' | 'temporalUi'>,
  forOperator: boolean,
): RunView {
  const self = monitorUrl(configuration.publicUrl, run.id);
  const ui = forOperator ? configuration.temporalUi : null;
  return {
    id: run.id,
    kind: run.kind,
    ...monitorOf(run.state, run.counts, run.commanded ?? null),
    createdAt: momentOf(run.createdAt),
    startedAt: momentOrNull(run.startedAt),
    finishedAt: momentOrNull(run.finishedAt),
    // A maker's upload stands in the maker's own space.
    tenantId: run.kind === 'hardware_report' ? null : run.tenantId,
    partnerId: run.partnerId ?? null,
    orderId: run.orderId ?? null,
    validateOnly: run.validateOnly,
    received: run.received,
    ...totalsOf(run.counts),
    verdicts: { ...run.counts },
    outcome: { ...run.outcome },
    problem: run.problem ?? null,
    compensation: compensationOf(run),
    replacement: replacementOf(run),
    links: {
      self,
      items: `${self}/items`,
      corrections: `${self}/corrections`,
      steps: `${self}/steps`,
      events: `${self}/events`,
      ...(ui !== null && {
        temporal: `${ui.url}/namespaces/${encodeURIComponent(ui.namespace)}/workflows/${encodeURIComponent(workflowIdOf(run.kind, run.id))}`,
      }),
    },
  };
}

function replacementOf({ replacement }: Run): RunView['replacement'] {
  return replacement === null || replacement === undefined
    ? null
    : { removes: replacement.removes, of: replacement.of };
}

/** What was taken back and put back, what had been there before and stays, and what did not come back. */
function compensationOf({ kind, state, counts, takenBack }: Run): RunView['compensation'] {
  if (takenBack === null || takenBack === undefined) return null;
  const { already_registered = 0, kept = 0, registered = 0, removed = 0, cancelled = 0 } = counts;
  const { undone, putBack = 0 } = takenBack;
  const over = isClosed(state);
  // A row that a removal did not reach is a device that it left alone.
  const spared = removingKinds.includes(kind as never) ? cancelled : 0;
  return {
    undone,
    kept: already_registered + kept + spared,
    left: over ? registered - undone : null,
    putBack,
    wentForward: over ? removed - putBack : null,
  };
}

/** @param reader who reads: a device that the tenant registered itself is named to the tenant and to operators alone */
export function toRunItemView(item: RunItem, reader: Pick<Caller, 'tenantId' | 'isOperator'>): RunItemView {
  const { accepted, number, name, next } = verdicts[item.verdict];
  const { detail } = item;
  const byTenant = detail?.registeredByTenant === true;
  const takenBackAt = momentOrNull(item.takenBackAt);
  const backNext = takenBackAt === null ? undefined : takenBackWords[item.verdict]?.next;
  const hidden = byTenant && !reader.isOperator && reader.tenantId !== item.tenantId;
  return {
    line: item.line,
    verdict: item.verdict,
    accepted,
    deviceId: hidden ? null : (item.deviceId ?? detail?.deviceId ?? null),
    number,
    name,
    next: byTenant && item.verdict === 'already_registered' ? tenantDeregistersFirst : (backNext ?? next),
    field: (detail?.field as keyof OrderRow | undefined) ?? null,
    code: detail?.code ?? null,
    message: detail?.message ?? null,
    repeats: detail?.repeats ?? null,
    operationId: hidden ? null : (detail?.runId ?? null),
    takenBackAt,
  };
}

export function toCorrectedLineView({ line, corrections: made }: CorrectionRecord): CorrectedLineView {
  return {
    line,
    corrections: made.map(({ code, field }) => ({ code, field: field ?? null, message: corrections[code] })),
  };
}

export function toRunStepView(step: StepRecord): RunStepView {
  return {
    step: step.step,
    chunk: step.chunk,
    deviceId: step.device_id,
    state: step.state,
    devices: step.devices,
    attempts: step.attempts,
    requestedAt: momentOf(step.requested_at),
    acceptedAt: momentOrNull(step.accepted_at),
    observedAt: momentOrNull(step.observed_at),
    waitingFor: step.waiting_for,
    nextTryAt: momentOrNull(step.next_try_at),
    detail: step.detail,
  };
}

export function toRunEventView(event: EventRecord): RunEventView {
  return { runId: event.run_id, seq: event.seq, kind: event.kind, at: momentOf(event.at), data: event.data };
}
