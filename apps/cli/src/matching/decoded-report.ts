import { showSnapshot } from '@groundcrew/matching';
import { tableOf, type Cell, type Column } from '../output/table.js';
import type { DeviceFile } from './device-file.js';

/** What was read, in words that name no device. */
export interface DecodedReport {
  form: string;
  level: string;
  trailer: string | null;
  collectedAt: string | null;
  findings: readonly string[];
  unknownRecords: number;
  groups: readonly { group: string; name: string; values: readonly string[] }[];
  /** What was left out of comparison, and why. */
  ignored: readonly { reason: string; shown: string }[];
}

const levels: Record<DeviceFile['level'], string> = {
  full: 'full: frame, records and digest are right',
  partial: 'partial: without a digest that fits; never more than review',
  opaque: 'opaque: names a device or nothing, shows none of it; never more than review',
};

export function decodedReport({ form, level, trailer, unknownRecords, snapshot }: DeviceFile): DecodedReport {
  return {
    form,
    level,
    trailer,
    collectedAt: momentOf(snapshot?.collectedAt ?? null),
    findings: snapshot?.findings ?? [],
    unknownRecords,
    groups: snapshot === null ? [] : showSnapshot(snapshot),
    ignored: snapshot?.masked ?? [],
  };
}

export function factsOfDecoded(file: DeviceFile, decoded: DecodedReport): [name: string, value: Cell][] {
  return [
    ['Form', decoded.form],
    ['Level', levels[file.level]],
    ['Digest', decoded.trailer],
    ['Collected', decoded.collectedAt],
    ['Findings', decoded.findings.length === 0 ? 'none' : decoded.findings.join(', ')],
    ['Unknown records', decoded.unknownRecords],
  ];
}

const groupColumns: Column<DecodedReport['groups'][number]>[] = [
  { head: 'GROUP', cell: ({ group }) => group },
  { head: 'WHAT IT IS', cell: ({ name }) => name },
  { head: 'WHAT WAS READ', cell: ({ values }) => values.join(', ') },
];

const ignoredColumns: Column<DecodedReport['ignored'][number]>[] = [
  { head: 'LEFT OUT BECAUSE', cell: ({ reason }) => reason },
  { head: 'VALUE', cell: ({ shown }) => shown },
];

/** Groups and what was left out, as tables; empty where nothing could be read. */
export function tablesOfDecoded({ groups, ignored }: DecodedReport): string[] {
  return [
    ...(groups.length > 0 ? [tableOf(groupColumns, groups)] : []),
    ...(ignored.length > 0 ? [tableOf(ignoredColumns, ignored)] : []),
  ];
}

function momentOf(seconds: number | null): string | null {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
