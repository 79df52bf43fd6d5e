import type { RunReference } from '../registration-order/registration-order.port.js';
import type { RepairPolicy } from '../policy/repair-policy.js';

/** How a repair stands after it was looked at. */
export interface RepairStanding {
  over: boolean;
  /** When something falls due by itself, in milliseconds; null while another run works. */
  dueInMs: number | null;
}

/** What waiting for a workshop needs. Each act may be repeated: it finds what it did before. */
export interface RepairActivities {
  /** Takes the run up. */
  openRepair(run: RunReference): Promise<void>;

  /**
   * Moves the case as far as the world has moved: the deregistration, registration or restore it waits for is over, a reminder is
   * due, nobody waits any more.
   */
  advanceRepair(look: RunReference & { patience: RepairPolicy }): Promise<RepairStanding>;

  /** Gives the device back to its user where it is registered again, and closes the run with what became of the case. */
  closeRepair(run: RunReference): Promise<{ outcome: string }>;
}
