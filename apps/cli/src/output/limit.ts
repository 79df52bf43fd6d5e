import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Report } from './report.js';

const USUAL_LIMIT = 100;
const LARGEST_PAGE = 1_000;

export interface ListOptions {
  limit: number;
  all?: true;
}

/** Gives a command that lists the options to say how much of the list is wanted. */
export function withLimit(command: Command): Command {
  return command
    .addOption(new Option('--limit <n>', 'show at most so many').default(USUAL_LIMIT).argParser(positiveInteger))
    .option('--all', 'show the whole list');
}

/** How large the pages should be that are asked for. */
export function pageSizeOf({ limit, all }: ListOptions): string {
  return String(all ? LARGEST_PAGE : Math.min(limit, LARGEST_PAGE));
}

/** The first items of a list; where there are more it says so beside the result. */
export async function* limited<Item>(
  items: AsyncIterable<Item>,
  { limit, all }: ListOptions,
  report: Report,
): AsyncGenerator<Item> {
  let count = 0;
  for await (const item of items) {
    if (!all && count === limit) {
      report.aside(`Only the first ${limit} are shown; --limit or --all shows more.`);
      return;
    }
    count += 1;
    yield item;
  }
}

/** Reads a whole number above zero. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above zero.');
  return Number(text);
}
