import type { DeregistrationPlanView, PlanLineView } from '@groundcrew/contracts';
import { tableOf } from '../output/table.js';

/** A plan as a page that one would sign: what, of which devices, what is lost, where the line is, and what is still needed. */
export function planPage(plan: DeregistrationPlanView, lines: readonly PlanLineView[]): string {
  const { losses } = plan;
  return [
    `DEREGISTRATION PLAN ${plan.id}`,
    '',
    `${plan.devices} devices leave tenant ${plan.tenantId}, because of: ${plan.reason}${plan.note === null ? '' : ` (${plan.note})`}.`,
    `Path: ${plan.path}. Made by ${plan.author} at ${plan.createdAt}; it may be executed until ${plan.expiresAt}.`,
    '',
    'What happens, in this order:',
    ...plan.steps.flatMap((step) => [
      ...(step.isTheLine ? ['  ---- the point of no return, for each device ----'] : []),
      `  ${step.step} (${step.devices} devices): ${step.effect}`,
      `      Undo: ${step.undo ?? 'none.'} ${step.possibleUntil}`,
    ]),
    '',
    `What will be lost: ${losses.recoveryKeys} recovery keys, ${losses.assignedUsers} user assignments.`,
    `What stays: ${plan.remains.length === 0 ? 'nothing' : plan.remains.join(', ')}.`,
    `What holds it up: ${plan.blocked === 0 ? 'nothing' : `${plan.blocked} devices`}.`,
    `How long it takes: about ${plan.estimateSeconds} s.`,
    '',
    tableOf<PlanLineView>(
      [
        { head: 'No.', cell: ({ position }) => position, align: 'right' },
        { head: 'Serial number', cell: ({ serialNumber }) => serialNumber },
        { head: 'Device', cell: ({ deviceId }) => deviceId },
        { head: 'Management', cell: ({ managedDeviceId }) => managedDeviceId },
        { head: 'Directory', cell: ({ directoryObjectId }) => directoryObjectId },
        { head: 'User', cell: ({ assignedUser }) => assignedUser },
        { head: 'Keys', cell: ({ recoveryKeys }) => recoveryKeys, align: 'right' },
        { head: 'Held up by', cell: ({ blocks }) => blocks.join(', ') },
      ],
      lines,
    ),
    '',
    ...(plan.needs.length === 0 ? [] : [`To execute it, it still needs: ${plan.needs.join('; ')}.`]),
    `Approved by: ${plan.approvedBy ?? '______________________'}`,
    `Execute it with: groundcrew deregister apply ${plan.id} --tenant ${plan.tenantId}`,
  ].join('\n');
}
