/** The call cannot be made as it was asked for; the sentence says what to change. */
export class UsageError extends Error {
  readonly code = 'cli.usage';
}
