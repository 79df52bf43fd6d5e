import type { RepairPatience } from '@groundcrew/domain';

/** How long a workshop may take. Plain JSON; configuration of whoever starts the run. */
export type RepairPolicy = RepairPatience;

const dayMs = 86_400_000;

/** Reminded weekly; over while the old registration can still be restored, which is 30 days. */
export const defaultRepairPolicy: RepairPolicy = { reminderMs: 7 * dayMs, expiryMs: 28 * dayMs };
