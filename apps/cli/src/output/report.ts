import type { Terminal } from '../world.js';
import { factsOf, tableOf, type Cell, type Column } from './table.js';

export const outputs = ['table', 'json', 'jsonl'] as const;
export type Output = (typeof outputs)[number];

/** Where a command puts what it has to say: results for the next program, notes for the person who waits. */
export class Report {
  constructor(
    readonly output: Output,
    private readonly results: Terminal,
    private readonly asides: Terminal,
  ) {}

  /** The stream of notes: beside a table they belong to the reading, beside JSON they would break it. */
  get notes(): Terminal {
    return this.output === 'table' ? this.results : this.asides;
  }

  /** A sentence for the person who waits. */
  note(text: string): void {
    this.notes.write(`${text}\n`);
  }

  /** A sentence that is never part of a result. */
  aside(text: string): void {
    this.asides.write(`${text}\n`);
  }

  /** Text of a table output. */
  text(text: string): void {
    this.results.write(`${text}\n`);
  }

  /** One thing. */
  one<Item>(item: Item, facts: readonly (readonly [name: string, value: Cell])[]): void {
    if (this.output === 'table') this.text(factsOf(facts));
    else this.json(item);
  }

  /** A list. JSON Lines are written as they come, however long the list is. */
  async many<Item>(items: AsyncIterable<Item>, columns: readonly Column<Item>[]): Promise<number> {
    const kept: Item[] = [];
    let count = 0;
    for await (const item of items) {
      count += 1;
      if (this.output === 'jsonl') this.json(item);
      else kept.push(item);
    }
    if (this.output === 'json') this.json(kept);
    if (this.output === 'table') this.text(count === 0 ? 'None.' : tableOf(columns, kept));
    return count;
  }

  /** A value on its own: on one line for JSON Lines, spread for JSON. */
  json(value: unknown): void {
    this.results.write(`${JSON.stringify(value, null, this.output === 'json' ? 2 : undefined)}\n`);
  }
}
