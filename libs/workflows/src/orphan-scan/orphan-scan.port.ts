import type { RunReference } from '../registration-order/registration-order.port.js';

/** The stores that are gone through, one after the other; each is compared with the others. */
export const scannedStores = ['registration', 'directory', 'management', 'partner_view'] as const;
export type ScannedStore = (typeof scannedStores)[number];

/** What a scan does on its way through the stores. */
export const scanPasses = ['repairing', 'comparing'] as const;
export type ScanPass = (typeof scanPasses)[number];

export interface ScanPart extends RunReference {
  pass: ScanPass;
  store: ScannedStore;
  /** The last thing that was compared; null: none yet. */
  after: string | null;
}

/** What a scan needs. Each act may be repeated: it finds the same, and a repair is asked for under the same key. */
export interface OrphanScanActivities {
  openOrphanScan(run: RunReference): Promise<{ closed: boolean; repairs: boolean }>;

  /**
   * Compares some pages of a store with the others. Repairing, it has mended what the scan may repair, and reads back that this was done;
   * comparing, it writes down what is left alone.
   *
   * @returns where to go on; null at the end
   */
  scanStore(part: ScanPart): Promise<{ next: string | null }>;

  closeOrphanScan(run: RunReference): Promise<{ found: number }>;

  /** Asks for a scan of some active tenants. @returns where to go on; null at the end */
  requestScans(after: string | null): Promise<{ next: string | null }>;
}
