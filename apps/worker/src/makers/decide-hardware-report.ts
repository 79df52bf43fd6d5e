import { identityOf, namesOnFile, type OrderRow, type Verdict } from '@groundcrew/domain';
import { decodeHardwareHash, toSnapshot, trimPadding } from '@groundcrew/matching';
import {
  hardwareContext,
  uuidV7,
  type HardwareUpload,
  type RejectedRow,
  type RowDetail,
} from '@groundcrew/persistence/without-orm';
import { claimsOf, detailOf, hashMessages, textOf, type DecisionTools } from '../registration/decide-chunk.js';
import { readRows, type PartFormat } from '../registration/read-rows.js';
import { digestOfName } from './names-on-file.js';

/** Decides from the rows of a maker's upload alone which devices are kept on file. The maker's strings go before the device's own. */
export function decideHardwareReport(
  partnerId: string,
  format: PartFormat,
  body: Buffer,
  tools: DecisionTools,
): { uploads: HardwareUpload[]; rejected: RejectedRow[] } {
  const uploads: HardwareUpload[] = [];
  const rejected: RejectedRow[] = [];
  const firstLineOf = new Map<string, number>();
  const reject = (line: number, verdict: Verdict, detail: RowDetail): void => {
    rejected.push({ line, verdict, detail });
  };
  for (const read of readRows(body, format)) {
    const { line } = read;
    if (!read.ok) {
      reject(line, read.refusal.verdict, detailOf(read.refusal));
      continue;
    }
    const { row } = read;
    const identity = identityOf(row);
    if (!identity.ok) {
      reject(line, identity.refusal.verdict, detailOf(identity.refusal));
      continue;
    }
    if (identity.value !== 'hash') {
      reject(line, 'hash_invalid', {
        field: 'hardwareIdentifier',
        message: 'A maker uploads the hardware hash itself.',
      });
      continue;
    }
    const decoding = decodeHardwareHash(row.hardwareIdentifier!, tools.digests);
    if (!decoding.ok) {
      reject(line, 'hash_invalid', { field: 'hardwareIdentifier', message: hashMessages[decoding.rejection.code] });
      continue;
    }
    const { report, level, bytes } = decoding.value;
    const named = namedAs(row, report);
    const { tuple, productKey } = namesOnFile(named);
    if (tuple === null && productKey === null) {
      const message = 'Neither the row nor its hash says manufacturer, model and serial number, or a product key id.';
      reject(line, 'identity_missing', { message });
      continue;
    }
    const snapshot = report === null ? null : toSnapshot(report, level);
    // The strongest that the hardware says of itself: the TPM's key where it has one.
    const deviceDigest = claimsOf(row, decoding.value, snapshot, tools.digests)[0]!.digest;
    const repeats = firstLineOf.get(deviceDigest);
    if (repeats !== undefined) {
      reject(line, 'duplicate_in_file', { repeats });
      continue;
    }
    firstLineOf.set(deviceDigest, line);
    const trimmed = trimPadding(bytes);
    uploads.push({
      line,
      id: uuidV7(tools.nowMs),
      ...named,
      hashLevel: level,
      deviceDigest,
      tupleDigest: digestOfName(tuple, tools),
      productKeyDigest: digestOfName(productKey, tools),
      sealedHash: tools.sealer.seal(trimmed.bytes, hardwareContext(partnerId, deviceDigest)),
      hashLength: trimmed.length,
    });
  }
  return { uploads, rejected };
}

type Report = NonNullable<Extract<ReturnType<typeof decodeHardwareHash>, { ok: true }>['value']['report']>;

function namedAs(row: OrderRow, report: Report | null) {
  return {
    manufacturer: row.manufacturer ?? textOf(report?.system?.manufacturer),
    model: row.model ?? textOf(report?.system?.product),
    serialNumber: row.serialNumber ?? textOf(report?.system?.serialNumber),
    productKey: row.productKey ?? textOf(report?.productKeyId),
  };
}
