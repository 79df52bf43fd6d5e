import Table from 'cli-table3';
import { printable } from './printable.js';

export type Cell = string | number | null | undefined;

export interface Column<Item> {
  head: string;
  cell: (item: Item) => Cell;
  align?: 'left' | 'right';
}

/** No frame and no colour: the same text for a person, for grep and for awk. */
const frameless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Items as lines under column heads. */
export function tableOf<Item>(columns: readonly Column<Item>[], items: Iterable<Item>): string {
  const table = new Table({
    head: columns.map((column) => column.head),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: frameless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const item of items) table.push(columns.map((column) => shown(column.cell(item))));
  return linesOf(table);
}

/** Facts about one thing, a line each. Facts that are not known are left out. */
export function factsOf(facts: readonly (readonly [name: string, value: Cell])[]): string {
  const table = new Table({ chars: frameless, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  for (const [name, value] of facts) if (value !== null && value !== undefined) table.push([name, shown(value)]);
  return linesOf(table);
}

function shown(value: Cell): string {
  return value === null || value === undefined || value === '' ? '-' : printable(String(value));
}

function linesOf(table: InstanceType<typeof Table>): string {
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
