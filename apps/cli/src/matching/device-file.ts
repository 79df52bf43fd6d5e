import type { MatchQuestion } from '@groundcrew/contracts';
import { emptyRow, fieldOfColumn, identityOf, orderRowFields, textOrNull, type OrderRow } from '@groundcrew/domain';
import {
  decodeHardwareHash,
  reportFromProductKey,
  reportFromTuple,
  toSnapshot,
  type DecodedHash,
  type HardwareReport,
  type HashRejectionCode,
  type Snapshot,
} from '@groundcrew/matching';
import { readOa3Xml, type Oa3RejectionCode } from '@groundcrew/matching/oa3-xml';
import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { unreadable } from '../orders/order-file.js';
import { UsageError } from '../usage.error.js';
import { decodingDigests } from './decoding-digests.js';

/** What a file says of one device. Never shown as it is: its values name the device. */
export interface DeviceFile {
  form: DecodedHash['form'] | 'oa3-xml' | 'tuple' | 'product-key';
  level: DecodedHash['level'];
  trailer: DecodedHash['trailer'] | null;
  unknownRecords: number;
  /** Null where the hash has a form that is not known here. */
  snapshot: Snapshot | null;
  /** What the service is asked; null where nothing in the file can be asked about. */
  question: MatchQuestion | null;
}

/** Longer than any file with one device. */
const mostCharacters = 262_144;

const hashFaults: Record<HashRejectionCode, string> = {
  'hash.empty': 'holds an empty hash',
  'hash.not-base64': 'holds a hash that is not base64',
  'hash.too-short': 'holds a hash that is too short to identify a device',
  'hash.too-long': 'holds a hash that is longer than any known form',
  'hash.malformed': 'holds a damaged hash: its records do not add up',
};

const xmlFaults: Record<Oa3RejectionCode, string> = {
  'oa3.too-long': 'is longer than any OA3Tool report',
  'oa3.not-xml': 'is not well-formed XML',
  'oa3.not-a-report': 'is XML, but no OA3Tool report',
};

/**
 * Reads a file with one device: the text of a hash, an OA3Tool report, or one row as CSV or JSON.
 *
 * @throws UsageError that says what is wrong and quotes nothing of it
 */
export async function readDeviceFile(path: string): Promise<DeviceFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const text = textOf(bytes).trim();
  if (text.length > mostCharacters) throw new UsageError(`'${path}' is too long to hold one device.`);
  if (text.startsWith('<')) return fromXml(path, text);
  if (text.startsWith('{') || text.startsWith('[')) return fromRow(path, jsonRowOf(path, text));
  if (isCsv(text)) return fromRow(path, csvRowOf(path, text));
  return fromHash(path, text);
}

/** Windows PowerShell writes UTF-16 unless it is told otherwise. */
function textOf(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
}

function fromHash(path: string, text: string): DeviceFile {
  const decoding = decodeHardwareHash(text, decodingDigests);
  if (!decoding.ok)
    throw new UsageError(`'${path}' ${hashFaults[decoding.rejection.code]} (${decoding.rejection.code}).`);
  const { form, level, trailer, unknown, report } = decoding.value;
  return {
    form,
    level,
    trailer,
    unknownRecords: unknown.length,
    snapshot: report === null ? null : toSnapshot(report, level),
    question: { hardwareIdentifier: text },
  };
}

function fromXml(path: string, text: string): DeviceFile {
  const reading = readOa3Xml(text);
  if (!reading.ok) throw new UsageError(`'${path}' ${xmlFaults[reading.rejection.code]} (${reading.rejection.code}).`);
  return reading.hardwareHash === '' ? fromReport('oa3-xml', reading.report) : fromHash(path, reading.hardwareHash);
}

function fromRow(path: string, row: OrderRow): DeviceFile {
  const identity = identityOf(row);
  if (!identity.ok) throw new UsageError(`'${path}': ${identity.refusal.message}`);
  switch (identity.value) {
    case 'hash':
      return fromHash(path, row.hardwareIdentifier!);
    case 'product_key': {
      const serialNumber = row.serialNumber === null ? {} : { serialNumber: row.serialNumber };
      return fromReport('product-key', reportFromProductKey({ productKey: row.productKey!, ...serialNumber }));
    }
    case 'tuple': {
      const { manufacturer, model, serialNumber } = row;
      return fromReport(
        'tuple',
        reportFromTuple({ manufacturer: manufacturer!, model: model!, serialNumber: serialNumber! }),
      );
    }
  }
}

function fromReport(form: 'oa3-xml' | 'tuple' | 'product-key', report: HardwareReport): DeviceFile {
  const snapshot = toSnapshot(report);
  return { form, level: snapshot.level, trailer: null, unknownRecords: 0, snapshot, question: questionOf(report) };
}

/** Where there is no hash the service is asked about what names the device. */
function questionOf({ system, productKeyId }: HardwareReport): MatchQuestion | null {
  const { manufacturer, product: model, serialNumber } = system;
  if (productKeyId !== '') return { productKey: productKeyId, ...(serialNumber !== '' && { serialNumber }) };
  return manufacturer !== '' && model !== '' && serialNumber !== '' ? { manufacturer, model, serialNumber } : null;
}

function isCsv(text: string): boolean {
  const header = /^[^\r\n]*/.exec(text)![0];
  return header.split(',').some((name) => fieldOfColumn(name) !== null);
}

function csvRowOf(path: string, text: string): OrderRow {
  const [header = [], ...rows] = Papa.parse<string[]>(text, { delimiter: ',', skipEmptyLines: true }).data;
  const [only] = onlyOne(path, rows);
  const row = emptyRow();
  for (const [index, name] of header.entries()) {
    const field = fieldOfColumn(name);
    if (field !== null) row[field] = textOrNull(only[index]);
  }
  return row;
}

function jsonRowOf(path: string, text: string): OrderRow {
  const content = parsed(path, text);
  const devices = Array.isArray(content) ? content : (content as { devices?: unknown }).devices;
  const [only] = Array.isArray(devices) ? onlyOne(path, devices as unknown[]) : [content];
  if (typeof only !== 'object' || only === null) throw new UsageError(`'${path}' holds no device.`);
  const row = emptyRow();
  for (const field of orderRowFields) {
    const value = (only as Record<string, unknown>)[field];
    if (typeof value === 'string') row[field] = textOrNull(value);
  }
  return row;
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The platform's sentence quotes the text around the fault.
    throw new UsageError(`'${path}' is not JSON with one device.`);
  }
}

function onlyOne<Item>(path: string, items: readonly Item[]): [Item] {
  const [only] = items;
  if (items.length === 1 && only !== undefined) return [only];
  throw new UsageError(`'${path}' holds ${items.length} devices; give a file with one.`);
}
