import { UsageError } from '../usage.error.js';
import type { OrderTerms } from './order-file.js';

/**
 * The order in a JSON file, with the terms of the command line put in. The file holds the order's object or only the list of its
 * devices. Whether the rows are good is for the service to say.
 *
 * @throws UsageError where the file is not JSON, or names another tenant than the command line
 */
export function jsonOrderOf(text: string, path: string, terms: OrderTerms): Record<string, unknown> {
  const content = parsed(text, path);
  const order = Array.isArray(content) ? { devices: content as unknown[] } : content;
  if (typeof order !== 'object' || order === null) {
    throw new UsageError(`'${path}' holds neither an order nor a list of devices.`);
  }
  const tenantId = (order as { tenantId?: unknown }).tenantId;
  if (typeof tenantId === 'string' && tenantId.toLowerCase() !== terms.tenantId.toLowerCase()) {
    throw new UsageError(`'${path}' is an order for tenant ${tenantId}, the command line says ${terms.tenantId}.`);
  }
  return { ...order, ...terms };
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The platform's sentence quotes the text around the fault, and that may be a hardware hash.
    const position = /at position \d+(?: \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    throw new UsageError(`'${path}' is not JSON${position === undefined ? '' : `: fault ${position}`}.`);
  }
}
