import type { DeregistrationPlanView, PlanLineView } from '@groundcrew/contracts';
import { tableOf } from '../output/table.js';

type PlannedStep = DeregistrationPlanView['steps'][number];

/** A plan as a page that one would sign: what, of which devices, what is lost, where the line is, and what is still needed. */
export function planPage(plan: DeregistrationPlanView, lines: readonly PlanLineView[]): string {
  const { losses, remains, blocked, devices } = plan;
  return [
    `DEREGISTRATION PLAN ${plan.id}`,
    '',
    `${counted(devices, 'device')} of tenant ${plan.tenantId}. Reason: ${plan.reason.replaceAll('_', ' ')}.`,
    ...(plan.note === null ? [] : [`Note:      ${plan.note}`]),
    `Path:      ${plan.path}`,
    `Made by:   ${plan.author}, ${clockOf(plan.createdAt)}`,
    `Valid:     until ${clockOf(plan.expiresAt)}`,
    `Takes:     about ${durationOf(plan.estimateSeconds)}`,
    '',
    'WHAT HAPPENS, in this order',
    ...plan.steps.flatMap((step, index) => [
      ...(step.isTheLine ? ['', '  ======== THE POINT OF NO RETURN, for each device ========', ''] : []),
      ...stepLines(step, index + 1),
    ]),
    '',
    `WHAT IS LOST     ${lossesOf(losses)}`,
    `WHAT STAYS       ${remains.length === 0 ? 'nothing' : remains.join(', ')}`,
    `WHAT HOLDS IT UP ${blocked === 0 ? 'nothing' : `${counted(blocked, 'device')}, as the list says`}`,
    '',
    'WHICH DEVICES',
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
    ...plan.needs.map((need) => `Still needed: ${needOf(need).words}`),
    `Approved by:  ${plan.approvedBy ?? '______________________'}`,
    `Execute with: groundcrew deregister apply ${plan.id} --tenant ${plan.tenantId}${plan.needs.map((need) => ` ${needOf(need).option ?? ''}`.trimEnd()).join('')}`,
  ].join('\n');
}

function stepLines({ step, devices, effect, undo, possibleUntil }: PlannedStep, number: number): string[] {
  const takenBack =
    undo === null
      ? // "Never" is what the heading says already; what follows it is worth reading.
        `Cannot be taken back. ${sentenceAfter(possibleUntil)}`.trim()
      : `Can be taken back: ${undo} Until: ${possibleUntil}`;
  return [
    `  ${number}. ${step}, ${counted(devices, 'device')}`,
    `     ${effect}`,
    `     ${possibleUntil === 'Nothing to take back.' ? possibleUntil : takenBack}`,
  ];
}

/** What is said beyond that it is never: that, the page says by itself. */
function sentenceAfter(possibleUntil: string): string {
  const rest = possibleUntil.replace(/^Never(: this is the line\. |: |\.$)/, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function lossesOf({ recoveryKeys, assignedUsers }: DeregistrationPlanView['losses']): string {
  const lost = [
    ...(recoveryKeys > 0 ? [counted(recoveryKeys, 'recovery key')] : []),
    ...(assignedUsers > 0 ? [counted(assignedUsers, 'user assignment')] : []),
  ];
  return lost.length === 0 ? 'nothing' : lost.join(', ');
}

/** What executing it still needs, and how that is said on the command line. A number that is typed is not given away in advance. */
const knownNeeds: Record<string, { words: string; option: string }> = {
  recoveryKeysReason: { words: 'why escrowed recovery keys may be lost', option: '--lose-recovery-keys "<why>"' },
  typedCount: { words: 'their number, typed, because a filter chose them', option: '--count <number>' },
};

function needOf(need: string): { words: string; option?: string } {
  return knownNeeds[need.split(':')[0]!] ?? { words: need };
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function durationOf(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}

function clockOf(moment: string): string {
  return `${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC`;
}
