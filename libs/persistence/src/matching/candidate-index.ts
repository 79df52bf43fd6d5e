import {
  EVIDENCE_KINDS,
  HOT_KEY_HOLDERS,
  type EvidenceKind,
  type KeyHolders,
  type Snapshot,
} from '@groundcrew/matching';
import { int4Array, int8Array } from '../bulk/binary-arrays.js';
import type { Sealer } from '../sealing.js';
import type { ReportKeys } from './report-keys.js';

/** A registered device that shares a key with a report. */
export interface FoundCandidate {
  deviceId: string;
  /** Registered for another tenant than the caller's. Whose is not known here. */
  elsewhere: boolean;
  /** The shared keys' kinds, and how many registered devices show each. */
  shared: { kind: EvidenceKind; holders: KeyHolders }[];
  enrolled: Snapshot;
  confirmed: Snapshot;
}

/** Anything that runs SQL: a client inside a transaction, or a unit of the API. */
export type AskSql = <Row>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** Most candidates that are compared for one report. Source: matching.md D. */
export const mostCandidates = 64;

/** A key's kind by its number in the index. */
export const evidenceKindOf = new Map(
  Object.entries(EVIDENCE_KINDS).map(([kind, number]) => [number as number, kind as EvidenceKind]),
);

/** A candidate as the index holds it: its snapshots still sealed. */
export interface CandidateRow {
  report: number;
  device_id: string;
  elsewhere: boolean;
  kinds: number[];
  anywhere: number[];
  in_one_tenant: number[];
  enrolled: Buffer;
  confirmed: Buffer | null;
}

/**
 * Finds the registered devices, of all tenants, that share a key with one of the reports. The caller's tenant is that of the
 * transaction's scope.
 *
 * @returns candidates by the report's number; reports that share nothing with anybody are left out
 */
export async function findCandidates(
  ask: AskSql,
  sealer: Sealer,
  reports: ReportKeys,
): Promise<Map<number, FoundCandidate[]>> {
  const rows = await findCandidateRows(ask, reports);
  const found = new Map<number, FoundCandidate[]>();
  for (const row of rows) {
    const candidates = found.get(row.report) ?? [];
    candidates.push(toCandidate(row, sealer));
    found.set(row.report, candidates);
  }
  return found;
}

/** The same with the snapshots still sealed: one statement, whatever the number of reports. */
export async function findCandidateRows(ask: AskSql, { reports, keys }: ReportKeys): Promise<CandidateRow[]> {
  if (keys.length === 0) return [];
  return ask<CandidateRow>(
    'select report, device_id, elsewhere, kinds, anywhere, in_one_tenant, enrolled, confirmed from registry.find_candidates($1::integer[], $2::bigint[], $3, $4)',
    [int4Array(reports), int8Array(keys), HOT_KEY_HOLDERS, mostCandidates],
  );
}

/** How many devices are registered, roughly. */
export async function devicePopulation(ask: AskSql): Promise<number> {
  const [row] = await ask<{ population: string }>('select registry.device_population() as population', []);
  return Number(row!.population);
}

/** The context of a device's sealed snapshot. */
export function snapshotContext(deviceId: string): string {
  return `snapshot/${deviceId}`;
}

export function sealSnapshot(sealer: Sealer, deviceId: string, snapshot: Snapshot): Buffer {
  return sealer.seal(Buffer.from(JSON.stringify(snapshot), 'utf8'), snapshotContext(deviceId));
}

/** @throws Error when the bytes are not that device's snapshot */
export function openSnapshot(sealer: Sealer, deviceId: string, sealed: Uint8Array): Snapshot {
  return JSON.parse(sealer.open(sealed, snapshotContext(deviceId)).toString('utf8')) as Snapshot;
}

function toCandidate(row: CandidateRow, sealer: Sealer): FoundCandidate {
  const open = (sealed: Buffer): Snapshot => openSnapshot(sealer, row.device_id, sealed);
  const enrolled = open(row.enrolled);
  return {
    deviceId: row.device_id,
    elsewhere: row.elsewhere,
    shared: row.kinds.flatMap((number, index) => {
      const kind = evidenceKindOf.get(number);
      const holders = { anywhere: row.anywhere[index]!, inOneTenant: row.in_one_tenant[index]! };
      return kind === undefined ? [] : [{ kind, holders }];
    }),
    enrolled,
    confirmed: row.confirmed === null ? enrolled : open(row.confirmed),
  };
}
