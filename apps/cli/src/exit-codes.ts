/** What the process says to a script when it ends. Contract: pipelines branch on these numbers. */
export const exitCodes = {
  done: 0,
  /** The run ended, but not as the sender wished: rows were rejected, or it failed or was cancelled. */
  rejected: 1,
  /** The call was wrong, here or in the service's eyes. Repeating it does not help. */
  refused: 2,
  /** The service could not be reached or could not answer. Repeating it later does help. */
  unreachable: 3,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
