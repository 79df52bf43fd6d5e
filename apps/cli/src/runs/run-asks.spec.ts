import { describe, expect, it } from '@jest/globals';
import { aRun, runId } from '../testing/a-run.js';
import { askOf } from './run-asks.js';

const needing = (more: Parameters<typeof aRun>[0]) => aRun({ subStatus: 'NeedsAttention', ...more });

describe('what a run that needs a person says', () => {
  it('of a replacement is how much it takes away, and the commands that answer', () => {
    const preview = { removes: 10, of: 16 };
    const run = needing({
      kind: 'order_replacement',
      problem: { code: 'order.replacement-asks', ...preview },
      replacement: preview,
    });
    expect(askOf(run)).toBe(
      [
        "It needs a person: may it take away 10 of the order's 16 devices?",
        `  groundcrew runs cancel ${runId} --reason <text>`,
        `  groundcrew runs confirm ${runId} --reason <text>`,
        `  groundcrew runs abandon ${runId} --reason <text>`,
      ].join('\n'),
    );
  });

  it('is its problem with what is known of it; what nobody asked cannot be confirmed', () => {
    const said = askOf(needing({ problem: { code: 'run.rows-without-verdict', received: 4, decided: 3 } }))!;
    expect(said).toContain('It needs a person: run.rows-without-verdict: received 4, decided 3.');
    expect(said).toContain(`runs retry ${runId}`);
    expect(said).not.toContain('confirm');
  });

  it.each([
    ['deregistration', `deregister resolve ${runId}`],
    ['repair', `runs show ${runId} --steps`],
  ] as const)('of the kind %s names the command that it understands', (kind, command) => {
    const said = askOf(needing({ kind }))!;
    expect(said).toContain('It needs a person: some of it cannot go on by itself.');
    expect(said.split('\n').at(-1)).toBe(`  groundcrew ${command}`);
  });

  it('is nothing where none is needed', () => {
    expect([askOf(aRun()), askOf(needing({ done: true }))]).toEqual([null, null]);
  });
});
