/** A moment as it stands on the wire; SQL gives texts, rows give dates. */
export function momentOf(value: Date | string): string {
  return new Date(value).toISOString();
}

/** The same where there may be none yet. */
export function momentOrNull(value: Date | string | null | undefined): string | null {
  return value === null || value === undefined ? null : momentOf(value);
}
