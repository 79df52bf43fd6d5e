import { asksForPersonalDevices, joinedVerdict, personalVerdict, type RunKind, type Verdict } from '@groundcrew/domain';
import type { AwaitingDevice, Candidate, ChunkDecision } from '@groundcrew/persistence/without-orm';
import type { DirectoryPort, ManagedDevice, ManagementPort } from '@groundcrew/subsystems';
import type { ChunkReference } from '@groundcrew/workflows';
import { askNeighbour, type NoteWait } from '../neighbours/ask-neighbour.js';
import { toldByTheFailure } from '../neighbours/look-until.js';

interface Neighbours {
  directory: DirectoryPort;
  management: ManagementPort;
}

/** Under which name a device stands in the directory before its first start. Source: domain.md 4. */
export function displayNameOf({ serialNumber, deviceId }: Pick<AwaitingDevice, 'serialNumber' | 'deviceId'>): string {
  return serialNumber ?? deviceId;
}

/**
 * Rejects the rows of devices that are somebody's own, as management knows them: one question for the chunk, where the run registers a
 * tenant's own devices. A serial number that several enrolled devices show tells nothing.
 */
export async function refusePersonal(
  { management }: Neighbours,
  chunk: ChunkReference,
  kind: RunKind,
  decision: ChunkDecision,
): Promise<ChunkDecision> {
  const serialNumbers = decision.candidates.flatMap(({ serialNumber }) => serialNumber ?? []);
  if (!asksForPersonalDevices(kind) || serialNumbers.length === 0) return decision;
  const enrolled = await askNeighbour(toldByTheFailure, () => management.read(chunk.tenantId, { serialNumbers }));
  const unambiguous = new Map<string, ManagedDevice | null>();
  for (const device of enrolled)
    if (device.serialNumber !== null)
      unambiguous.set(device.serialNumber, unambiguous.has(device.serialNumber) ? null : device);
  const rejected = [...decision.rejected];
  const candidates = decision.candidates.filter(({ line, serialNumber }) => {
    const device = serialNumber === null ? undefined : unambiguous.get(serialNumber);
    const verdict = device === null || device === undefined ? null : personalVerdict(device);
    if (verdict === null) return true;
    rejected.push({ line, verdict, detail: { field: 'serialNumber' } });
    return false;
  });
  return { ...decision, candidates, rejected };
}

/** Verdicts on lines whose object the directory would refuse to make, because it knows them as joined. A read: nothing is asked for. */
export async function joinedAlready(
  { directory }: Neighbours,
  chunk: ChunkReference,
  candidates: readonly Candidate[],
): Promise<Map<number, Verdict>> {
  const verdicts = await verdictsByName(directory, chunk, candidates, toldByTheFailure);
  return new Map(
    candidates.flatMap((candidate) => {
      const verdict = verdicts.get(displayNameOf(candidate));
      return verdict === undefined ? [] : [[candidate.line, verdict] as const];
    }),
  );
}

/** Why the directory refused devices, more exactly: the workplace-joined are somebody's own. Asked only about those that it refused. */
export async function whyRefused(
  { directory }: Neighbours,
  chunk: ChunkReference,
  awaiting: readonly AwaitingDevice[],
  refused: ReadonlyMap<string, Verdict>,
  note: NoteWait,
): Promise<Map<string, Verdict>> {
  const devices = awaiting.filter(({ deviceId }) => refused.has(deviceId));
  if (devices.length === 0) return new Map();
  const verdicts = await verdictsByName(directory, chunk, devices, note);
  return new Map(
    devices.map((device) => [device.deviceId, verdicts.get(displayNameOf(device)) ?? refused.get(device.deviceId)!]),
  );
}

async function verdictsByName(
  directory: DirectoryPort,
  chunk: ChunkReference,
  devices: readonly Pick<AwaitingDevice, 'serialNumber' | 'deviceId'>[],
  note: NoteWait,
): Promise<Map<string, Verdict>> {
  const joinedAs = devices.map(displayNameOf);
  const joined = await askNeighbour(note, () => directory.read(chunk.tenantId, { joinedAs }));
  const verdicts = new Map<string, Verdict>();
  for (const { displayName, trustType } of joined) {
    // Of several objects of one name the joined one stands in the way whatever becomes of the others.
    if (verdicts.get(displayName) !== 'already_joined') verdicts.set(displayName, joinedVerdict(trustType));
  }
  return verdicts;
}
