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

/** What a connection is asked: a marked statement by its name. */
export function named(sql: string, values: readonly unknown[]): pg.QueryConfig {
  const name = names.get(sql);
  return name === undefined ? { text: sql, values: [...values] } : { name, text: sql, values: [...values] };
}
