import { keyedHash, encodeHardwareHash, type Digests } from '@groundcrew/matching';
import { loadOpenChunk, partContext, registerChunk, type ChunkKey } from '@groundcrew/persistence';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { resolveNamedRows } from '../../apps/worker/src/makers/resolve-on-file.js';
import { decideChunk } from '../../apps/worker/src/registration/decide-chunk.js';
import { withNewBoard, withNewDisk, withNewMemory, withNewRadio } from '../../tools/fleet/src/benchmark/repairs.js';
import { makeDevice, type Device } from '../../tools/fleet/src/device.js';
import { MOST_DEVICES } from '../../tools/fleet/src/lot-number.js';
import { Random } from '../../tools/fleet/src/random.js';
import { modulusOf, reportOf } from '../../tools/fleet/src/report-of.js';
import type { Registry } from './registry.js';

/** What every installation has one of. */
export const identityKey = Buffer.alloc(32, 5);

export const digests: Digests = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: keyedHash(identityKey),
};

/** The first device of a made-up fleet that fits. Seeds keep suites apart. */
export function aDevice(seed: number, fits: (device: Device) => boolean = () => true): Device {
  for (let index = 0; index < 10_000; index += 1) {
    const device = makeDevice({ seed, index }, 'realistic');
    if (fits(device)) return device;
  }
  throw new Error('no device of this fleet fits');
}

/** A hardware hash as a collector would write it at this moment (unix seconds). */
export function hashOf(device: Device, at = 1_767_600_000): string {
  const { tpm } = device.board;
  const extras = tpm === null ? {} : { endorsementKeyModulus: modulusOf(tpm.key) };
  return Buffer.from(encodeHardwareHash(reportOf(device, at), digests, extras)).toString('base64');
}

const spareSeed = 9_000;
/** What a hash says of the device: its maker's strings. */
export function namesOf(device: Device) {
  const { system } = reportOf(device, 1_767_600_000);
  return { manufacturer: system!.manufacturer!, model: system!.product!, serialNumber: system!.serialNumber! };
}

let spares = spareSeed * MOST_DEVICES;
const spare = (): number => (spares += 1);
const random = new Random(spareSeed, 0, 1);

/** What workshops do. Spare parts are nobody else's. */
export const workshop = {
  newDisk: (device: Device) => withNewDisk(device, spare, random),
  newRadio: (device: Device) => withNewRadio(device, spare),
  newMemory: (device: Device) => withNewMemory(device, spare, random),
  /** Another board of the same model, and the old serial number written into it. */
  newBoard: (device: Device) => withNewBoard(device, spare, random, { serial: true, uuid: false, boardSerial: false }),
};

/** Registers hashes as an order would, without its workflow, and tells each line's verdict. */
export async function register(
  worker: pg.Pool,
  registry: Registry,
  owner: { tenantId: string; partnerId: string },
  hashes: readonly string[],
): Promise<DecidedRow[]> {
  return await registerRows(
    worker,
    registry,
    owner,
    hashes.map((hardwareIdentifier) => ({ hardwareIdentifier })),
  );
}

export interface DecidedRow {
  line: number;
  deviceId: string | null;
  verdict: string;
  detail: unknown;
}

/** The same for rows of any kind. */
export async function registerRows(
  worker: pg.Pool,
  registry: Registry,
  owner: { tenantId: string; partnerId: string },
  given: readonly object[],
): Promise<DecidedRow[]> {
  const lines = given.map((row) => JSON.stringify(row));
  const runId = await registry.anOrder({ ...owner, parts: [lines] });
  const key: ChunkKey = { runId, tenantId: owner.tenantId, chunk: 1 };
  const open = (await loadOpenChunk(worker, key))!;
  const body = registry.sealer.open(open.sealedBody, partContext(runId, 1));
  const tools = { sealer: registry.sealer, digests, nowMs: Date.now() };
  const decision = await decideChunk(open, body, tools, (rows) => resolveNamedRows(worker, rows, tools));
  await registerChunk(worker, key, decision, registry.sealer);
  const { rows } = await registry.admin.query(
    `select source_line as line, id as "deviceId", 'registered' as verdict, null as detail from registry.device where source_run_id = $1
     union all select line, null, verdict, detail from registry.run_item where run_id = $1 order by line`,
    [runId],
  );
  return rows;
}
