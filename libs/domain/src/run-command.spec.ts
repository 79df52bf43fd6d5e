import { describe, expect, it } from '@jest/globals';
import { runCommands, takeCommand, type RunCommand } from './run-command.js';
import { runStates, type RunState } from './run.js';

const told = (state: RunState, command: RunCommand, commanded: string | null = null) => {
  const decision = takeCommand({ kind: 'registration_order', state, commanded }, command);
  return decision.ok ? decision.value : decision.refusal;
};

describe('telling a run something', () => {
  const expected: Record<RunState, Record<RunCommand, string>> = {
    accepted: {
      cancel: 'told',
      retry: 'operation.needs-nobody',
      confirm: 'operation.command-not-taken',
      abandon: 'operation.needs-nobody',
    },
    running: {
      cancel: 'told',
      retry: 'operation.needs-nobody',
      confirm: 'operation.command-not-taken',
      abandon: 'operation.needs-nobody',
    },
    needs_attention: { cancel: 'told', retry: 'told', confirm: 'operation.command-not-taken', abandon: 'told' },
    completed: {
      cancel: 'operation.closed',
      retry: 'operation.closed',
      confirm: 'operation.closed',
      abandon: 'operation.closed',
    },
    failed: {
      cancel: 'operation.closed',
      retry: 'operation.closed',
      confirm: 'operation.closed',
      abandon: 'operation.closed',
    },
    cancelled: {
      cancel: 'operation.closed',
      retry: 'operation.closed',
      confirm: 'operation.closed',
      abandon: 'operation.closed',
    },
  };
  it.each(runStates.flatMap((state) => runCommands.map((command) => [state, command] as const)))(
    'that is %s to %s',
    (state, command) => expect(told(state, command)).toBe(expected[state][command]),
  );

  it('to cancel twice is once, and after that nothing else is heard', () => {
    expect(told('running', 'cancel', 'cancel')).toBe('told_before');
    expect(told('needs_attention', 'retry', 'cancel')).toBe('operation.needs-nobody');
  });

  it('that waits for a consent has no command', () => {
    const decision = takeCommand({ kind: 'consent', state: 'running', commanded: null }, 'cancel');
    expect(decision).toEqual({ ok: false, refusal: 'operation.command-not-taken' });
  });
});
