/**
 * The one file here that reads with a package: OA3Tool XML. It has a door of its own (`@groundcrew/matching/oa3-xml`), so
 * that workflows and rules never load the parser.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { HardwareReport } from '../report.js';
import { reportFromOa3 } from './report-from-oa3.js';

export type Oa3RejectionCode = 'oa3.too-long' | 'oa3.not-xml' | 'oa3.not-a-report';

export type Oa3Reading =
  | {
      readonly ok: true;
      readonly report: HardwareReport;
      /** Text of a HardwareHash element, '' when there is none. */ readonly hardwareHash: string;
    }
  | { readonly ok: false; readonly rejection: { readonly code: Oa3RejectionCode } };

/** Most characters of a file. Real ones have a few thousand. */
export const OA3_TEXT_LIMIT = 131_072;

const DEEPEST = 8;

/** Reads an OA3Tool report. Entities are not expanded; depth and length are bounded. Never throws. Source: matching.md A.5. */
export function readOa3Xml(text: string): Oa3Reading {
  if (text.length > OA3_TEXT_LIMIT) return rejected('oa3.too-long');
  if (deepestElement(text) > DEEPEST) return rejected('oa3.not-a-report');
  const document = parse(text);
  if (document === null) return rejected('oa3.not-xml');
  const values: [string, string][] = [];
  let hardwareHash = '';
  visit(document, 0, (name, value, attributes) => {
    if (name === 'p' && typeof attributes['n'] === 'string')
      values.push([attributes['n'], String(attributes['v'] ?? '')]);
    if (name === 'HardwareHash') hardwareHash = value;
  });
  if (values.length === 0 && hardwareHash === '') return rejected('oa3.not-a-report');
  return { ok: true, report: reportFromOa3(values), hardwareHash };
}

type Visitor = (name: string, text: string, attributes: Readonly<Record<string, unknown>>) => void;

function parse(text: string): unknown {
  try {
    if (XMLValidator.validate(text) !== true) return null;
    return new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      processEntities: false,
      preserveOrder: true,
      parseTagValue: false,
    }).parse(text);
  } catch {
    // The parser throws on what its validator let through; both mean that this is no XML.
    return null;
  }
}

/** Walks the parser's ordered form: arrays of one-element objects, attributes under ':@'. */
function visit(nodes: unknown, depth: number, visitor: Visitor): void {
  if (!Array.isArray(nodes) || depth > DEEPEST) return;
  for (const node of nodes as readonly Record<string, unknown>[]) {
    const attributes = (node[':@'] ?? {}) as Record<string, unknown>;
    for (const [name, children] of Object.entries(node)) {
      if (name === ':@' || name === '#text') continue;
      visitor(name, textOf(children), attributes);
      visit(children, depth + 1, visitor);
    }
  }
}

function textOf(children: unknown): string {
  if (!Array.isArray(children)) return '';
  return (children as readonly Record<string, unknown>[])
    .map((child) => String(child['#text'] ?? ''))
    .join('')
    .trim();
}

/** A bound on nesting before any parser builds a tree of it. */
function deepestElement(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of text.matchAll(/<[^>]*>/g)) {
    if (tag.startsWith('</')) depth -= 1;
    else if (!tag.endsWith('/>') && !tag.startsWith('<?') && !tag.startsWith('<!')) depth += 1;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

function rejected(code: Oa3RejectionCode): Oa3Reading {
  return { ok: false, rejection: { code } };
}
