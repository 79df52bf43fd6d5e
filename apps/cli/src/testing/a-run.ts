import type { RunView } from '@groundcrew/contracts';

export const runId = '01960000-0000-7000-8000-000000000001';
export const tenantId = '11111111-1111-4111-8111-111111111111';
export const partnerId = '22222222-2222-4222-8222-222222222222';

/** A run as the service shows it. Write only what matters to the test. */
export function aRun(differences: Partial<RunView> = {}): RunView {
  return {
    id: runId,
    kind: 'registration_order',
    status: 'Running',
    subStatus: null,
    done: false,
    createdAt: '2026-11-21T03:00:00.000Z',
    startedAt: '2026-11-21T03:00:01.000Z',
    finishedAt: null,
    tenantId,
    partnerId,
    orderId: '33333333-3333-4333-8333-333333333333',
    validateOnly: false,
    received: 10,
    decided: 0,
    registered: 0,
    rejected: 0,
    verdicts: {},
    outcome: {},
    problem: null,
    compensation: null,
    replacement: null,
    links: { self: '', items: '', corrections: '', steps: '', events: '' },
    ...differences,
  };
}

/** A run in which every row has its verdict. */
export function aFinishedRun(rejected = 0): RunView {
  return aRun({
    status: 'Succeeded',
    subStatus: rejected > 0 ? 'CompletedWithErrors' : null,
    done: true,
    finishedAt: '2026-11-21T03:00:05.000Z',
    decided: 10,
    registered: 10 - rejected,
    rejected,
    verdicts: { registered: 10 - rejected, ...(rejected > 0 && { hash_invalid: rejected }) },
  });
}
