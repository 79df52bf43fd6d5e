import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Has a process that was just started give way to others. Linux may share processors out among sessions first, and each of our processes
 * leads one: there its own niceness counts among its threads alone, and the session's has to be said as well. Source: sched(7), "The autogroup feature".
 *
 * @param niceness 0 to 19
 */
export function giveWay(pid: number, niceness: number): void {
  if (niceness === 0) return;
  try {
    setPriority(pid, niceness);
    const session = `/proc/${pid}/autogroup`;
    if (existsSync(session)) writeFileSync(session, String(niceness));
  } catch {
    // It ended at once, or this system has no such thing: then it takes what it gets.
  }
}
