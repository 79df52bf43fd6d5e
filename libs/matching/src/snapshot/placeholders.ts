import {
  PLACEHOLDER_MAC_PATTERNS,
  PLACEHOLDER_MACS,
  PLACEHOLDER_NAMES,
  PLACEHOLDER_PARTS,
  PLACEHOLDER_SERIALS,
  PLACEHOLDER_UUID_PATTERNS,
  PLACEHOLDER_UUIDS,
  PLACEHOLDER_WORDS,
} from './placeholder-data.js';

/** Printable ASCII in words with one space between: what nearly all firmware writes. */
const PLAIN = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/**
 * One spelling for comparison: compatibility forms folded (NFKC), trimmed, spaces collapsed, lower case, leading "$",
 * dots and quotes removed. Source: matching.md B.3 (rule order).
 */
export function normaliseText(text: string): string {
  const folded = PLAIN.test(text)
    ? text.toLowerCase()
    : text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
  const first = folded.charCodeAt(0);
  return first === 0x24 || first === 0x2e || first === 0x22 || first === 0x27 ? folded.replace(/^[$."']+/, '') : folded;
}

/** Whether a normalised serial number, of a system, board or disk, says nothing about which machine this is. */
export function isPlaceholderSerial(serial: string): boolean {
  return serial.length < 4 || PLACEHOLDER_SERIALS.has(serial) || isMadeUp(serial) || namesNothing(serial);
}

/** Whether a normalised name (manufacturer, product, SKU, family, board product) is a blank nobody filled in. */
export function isPlaceholderName(name: string): boolean {
  return name === '' || PLACEHOLDER_NAMES.has(name) || PLACEHOLDER_SERIALS.has(name) || namesNothing(name);
}

/** Whether a product key id is a blank. Counters with many zeros are real here, so only the plainest rules apply. */
export function isPlaceholderProductKey(id: string): boolean {
  return id.length < 5 || isOneCharacter(id) || !/^[0-9a-z-]+$/.test(id);
}

/** Whether a UUID, 32 hexadecimal digits, is one that firmware ships for everybody. Both byte orders are tried. */
export function isPlaceholderUuid(uuid: string): boolean {
  return isListedUuid(uuid) || isListedUuid(swapUuid(uuid));
}

/** Whether a network address, 12 hexadecimal digits, is shared by design: test values, VPN clients, cloned adapters. */
export function isPlaceholderMac(mac: string): boolean {
  return PLACEHOLDER_MACS.has(mac) || PLACEHOLDER_MAC_PATTERNS.some((pattern) => pattern.test(mac));
}

/** The same UUID with its first three fields in the other byte order. */
export function swapUuid(uuid: string): string {
  const byte = (index: number): string => uuid.slice(index * 2, index * 2 + 2);
  return byte(3) + byte(2) + byte(1) + byte(0) + byte(5) + byte(4) + byte(7) + byte(6) + uuid.slice(16);
}

function isListedUuid(uuid: string): boolean {
  return PLACEHOLDER_UUIDS.has(uuid) || PLACEHOLDER_UUID_PATTERNS.some((pattern) => pattern.test(uuid));
}

/** One expression for all of them: this runs several times per report. */
const NAMES_NOTHING = new RegExp(
  `${PLACEHOLDER_PARTS.map(escapeExpression).join('|')}|(?:^|[^a-z0-9])(?:${PLACEHOLDER_WORDS.map(escapeExpression).join('|')})(?:$|[^a-z0-9])`,
);

function namesNothing(text: string): boolean {
  return NAMES_NOTHING.test(text);
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function isMadeUp(serial: string): boolean {
  const bare = serial.replace(/^(sn|sys|mb|asset)-/, '');
  return (
    isOneCharacter(bare) || /^[01]+$/.test(bare) || /^\d+\.\d+\.\d+$/.test(bare) || isRun(bare, 1) || isRun(bare, -1)
  );
}

function isOneCharacter(text: string): boolean {
  for (let at = 1; at < text.length; at += 1) if (text.charCodeAt(at) !== text.charCodeAt(0)) return false;
  return true;
}

/** 0123456789…, abcdef… and their reverse; digits go round from 9 to 0. */
function isRun(text: string, step: 1 | -1): boolean {
  for (let at = 1; at < text.length; at += 1) {
    const difference = text.charCodeAt(at) - text.charCodeAt(at - 1);
    if (difference !== step && difference !== -9 * step) return false;
  }
  return true;
}
