import type pg from 'pg';

const names = new Map<string, string>();

/**
 * Marks a statement that is asked so often that planning it costs more than running it: a connection plans it a few times, and then
 * once for all. For statements about single rows: one over a set would be planned for any set, as if it were small.
 *
 * @returns the statement as it is
 */
export function prepared(sql: string): string {
  if (!names.has(sql)) names.set(sql, `prepared_${names.size + 1}`);
  return sql;
}

/** Has a connection ask for marked statements by name, whoever asks through it. */
export function askPreparedByName(client: pg.ClientBase): void {
  const ask = client.query.bind(client) as (...given: unknown[]) => unknown;
  const asked = (statement: unknown, ...given: unknown[]): unknown => {
    const name = typeof statement === 'string' ? names.get(statement) : undefined;
    if (name === undefined) return ask(statement, ...given);
    const [values, ...rest] = given;
    return ask({ name, text: statement, values }, ...rest);
  };
  client.query = asked as typeof client.query;
}
