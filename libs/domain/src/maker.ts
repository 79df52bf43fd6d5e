import { accept, refuse, type Decision } from './decision.js';
import type { OrderRow } from './order-row.js';
import type { PartnerKind, PartnerStatus } from './partner.js';

export type UploadRefusal = 'partner.not-a-maker' | 'partner.suspended' | 'partner.ended';

/** Who builds devices uploads their hashes; only while the programme's status is active. Source: domain.md 1.2, 1.3. */
export function authorizeUpload(kind: PartnerKind, status: PartnerStatus): Decision<'granted', UploadRefusal> {
  if (kind !== 'oem') return refuse('partner.not-a-maker');
  if (status === 'suspended') return refuse('partner.suspended');
  return status === 'ended' ? refuse('partner.ended') : accept('granted');
}

/**
 * By which text a device is found among what makers have uploaded: case-sensitive, and exactly the maker's strings. The product key id
 * goes before the tuple, because it is one device's alone. Null where a row has neither whole. Source: domain.md 1.3.
 */
export function namesOnFile(row: Pick<OrderRow, 'manufacturer' | 'model' | 'serialNumber' | 'productKey'>): {
  tuple: string | null;
  productKey: string | null;
} {
  const { manufacturer, model, serialNumber, productKey } = row;
  const whole = manufacturer !== null && model !== null && serialNumber !== null;
  return {
    tuple: whole ? JSON.stringify(['tuple', manufacturer, model, serialNumber]) : null,
    productKey: productKey === null ? null : JSON.stringify(['product_key', productKey]),
  };
}

/** What looking for a row's device among the makers' uploads came to. */
export type OnFile = { devices: number; superseded: boolean };

/** Which device is it? One and only one, and still the one that its maker built. Source: domain.md 1.3, 3.4. */
export function resolveOnFile(
  found: OnFile,
): Decision<'found', { verdict: 'not_on_file' | 'not_unique'; code: string; message: string }> {
  if (found.devices === 0) {
    return refuse({
      verdict: 'not_on_file',
      code: 'maker.not-on-file',
      message: 'No maker has uploaded a device with exactly these values; upper and lower case count.',
    });
  }
  if (found.devices > 1) {
    return refuse({
      verdict: 'not_unique',
      code: 'maker.not-unique',
      message: 'Several devices on file have these values.',
    });
  }
  if (found.superseded) {
    return refuse({
      verdict: 'not_on_file',
      code: 'device.repaired',
      message: 'The device was registered with another board since: a repaired device is registered by its hash.',
    });
  }
  return accept('found');
}
