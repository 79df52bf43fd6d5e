import type { MatchGroupView, MatchView, OwnCandidateView } from '@groundcrew/contracts';
import { tableOf, type Cell, type Column } from '../output/table.js';

const groupColumns: Column<MatchGroupView>[] = [
  { head: 'GROUP', cell: ({ group }) => group },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'BITS', cell: ({ bits }) => bits.toFixed(1), align: 'right' },
  { head: 'IN THE FILE', cell: ({ observed }) => observed.join(', ') },
  { head: 'REGISTERED', cell: ({ registered }) => registered.join(', ') },
  { head: 'REASON', cell: ({ reason }) => reason },
];

const candidateColumns: Column<MatchView['candidates'][number]>[] = [
  { head: 'CANDIDATE', cell: (each) => (each.elsewhere ? 'not of this tenant' : each.deviceId) },
  { head: 'OUTCOME', cell: ({ outcome }) => outcome },
  { head: 'RULE', cell: (each) => (each.elsewhere ? null : each.rule) },
  { head: 'BITS', cell: (each) => (each.elsewhere ? null : each.bits.toFixed(1)), align: 'right' },
  { head: 'BECAUSE', cell: (each) => (each.elsewhere ? null : each.says) },
];

export function factsOfMatch({
  outcome,
  deviceId,
  rule,
  says,
  ruleset,
  weights,
  partSeenBefore,
}: MatchView): [name: string, value: Cell][] {
  return [
    ['Outcome', outcome],
    ['Device', deviceId],
    ['Because', rule === null ? says : `${says} (rule ${rule})`],
    ['Parts', partSeenBefore ? 'some were seen on a registered device that it is not' : null],
    ['Rules', `${ruleset}, ${weights}`],
  ];
}

/** Why: all candidates, then the evidence of the first that may be looked at, and what would change the outcome. */
export function explanationOfMatch({ candidates }: MatchView): string[] {
  const best = candidates.find((each): each is OwnCandidateView => !each.elsewhere);
  return [
    ...(candidates.length > 0 ? [tableOf(candidateColumns, candidates)] : []),
    ...(best === undefined ? [] : [tableOf(groupColumns, best.groups), flipOf(best)]),
  ];
}

function flipOf({ flip, outcome, cap }: OwnCandidateView): string {
  const capped = cap === null ? '' : ` The report itself allows no more (${cap}).`;
  if (flip === null) return `No single change of evidence would make it anything but ${outcome}.${capped}`;
  return `It would be ${flip.outcome} (rule ${flip.rule}) if ${flip.group} were '${flip.to}' instead of '${flip.from}'.${capped}`;
}
