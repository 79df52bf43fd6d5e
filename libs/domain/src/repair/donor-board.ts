import { accept, refuse, type Decision } from '../decision.js';
import { verdicts, type Verdict } from '../verdict.js';

export type DonorRefusal = 'repair.donor-is-the-device' | 'repair.donor-registered';

/**
 * May this board go into the device? A board from a device that is registered brings that device's identity: the donor is deregistered
 * first, then the damaged device, and a donor is never registered again, because two devices could then show the same board.
 * Source: domain.md 3.5.
 *
 * @param donor null where the board comes from no device that was ever registered
 */
export function mayTakeBoard(
  deviceId: string,
  donor: { deviceId: string; registered: boolean } | null,
): Decision<'new_board' | 'freed_board', DonorRefusal> {
  if (donor === null) return accept('new_board');
  if (donor.deviceId === deviceId) return refuse('repair.donor-is-the-device');
  return donor.registered ? refuse('repair.donor-registered') : accept('freed_board');
}

/** Why a repaired device is not registered, and what its administrator does next. */
export interface RepairProblem {
  code: 'repair.board-registered' | 'repair.hash-refused' | 'repair.not-restored';
  message: string;
}

/** What the new hash's verdict means for the repair. A board that is known already is a donor that nobody took out. Source: domain.md 3.5. */
export function problemOfHash(verdict: Verdict, deviceId: string | null): RepairProblem {
  if (verdict === 'already_registered' || verdict === 'owned_elsewhere') {
    const whose = verdict === 'owned_elsewhere' ? 'by another owner' : deviceId === null ? 'here' : `as ${deviceId}`;
    return {
      code: 'repair.board-registered',
      message: `The new board is registered ${whose}: deregister the device that it comes from, and send the hash again.`,
    };
  }
  return { code: 'repair.hash-refused', message: `${verdict}: ${verdicts[verdict].next}` };
}
