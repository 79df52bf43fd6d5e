import type { Command } from 'commander';
import { deregisterApply } from '../commands/deregister-apply.js';
import { deregisterPlan } from '../commands/deregister-plan.js';
import { deregisterResolve } from '../commands/deregister-resolve.js';
import { deregisterRestore } from '../commands/deregister-restore.js';
import { deregisterWatch } from '../commands/deregister-watch.js';
import { orphansList } from '../commands/orphans-list.js';
import { orphansScan } from '../commands/orphans-scan.js';
import { repairsCancel } from '../commands/repairs-cancel.js';
import { repairsList } from '../commands/repairs-list.js';
import { repairsOpen } from '../commands/repairs-open.js';
import { repairsShow } from '../commands/repairs-show.js';
import { repairsSubmitHash } from '../commands/repairs-submit-hash.js';
import { runsCancel } from '../commands/runs-cancel.js';
import { runsList } from '../commands/runs-list.js';
import { runsResolve } from '../commands/runs-resolve.js';
import { runsShow } from '../commands/runs-show.js';
import type { Shell } from '../session.js';
import { groupOf } from './group-of.js';

/** What runs over devices, and how they leave. */
export function runningNouns(shell: Shell): Command[] {
  return [
    groupOf('runs', 'durable work over devices', [
      runsShow(shell),
      runsList(shell),
      runsCancel(shell),
      runsResolve(shell, 'retry'),
      runsResolve(shell, 'confirm'),
      runsResolve(shell, 'abandon'),
    ]),
    groupOf('deregister', 'devices that leave: see exactly what will happen, stop it, undo it', [
      deregisterPlan(shell),
      deregisterApply(shell),
      deregisterWatch(shell),
      runsCancel(shell),
      deregisterResolve(shell),
      deregisterRestore(shell),
    ]),
    groupOf('repairs', 'devices whose board is replaced', [
      repairsOpen(shell),
      repairsList(shell),
      repairsShow(shell),
      repairsSubmitHash(shell),
      repairsCancel(shell),
    ]),
    groupOf('orphans', 'what lies in one store only', [orphansList(shell), orphansScan(shell)]),
  ];
}
