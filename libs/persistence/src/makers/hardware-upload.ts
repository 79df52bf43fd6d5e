/** A device of a build, ready to be kept on file for its maker. */
export interface HardwareUpload {
  line: number;
  id: string;
  manufacturer: string | null;
  model: string | null;
  serialNumber: string | null;
  productKey: string | null;
  hashLevel: 'full' | 'partial' | 'opaque';
  /** Keyed digest of the hardware itself: the same device uploaded again is the same upload. */
  deviceDigest: string;
  tupleDigest: string | null;
  productKeyDigest: string | null;
  sealedHash: Uint8Array;
  hashLength: number;
}

/** To what a hash on file is bound when it is sealed: the maker and the hardware, however often it is uploaded. */
export function hardwareContext(partnerId: string, deviceDigest: string): string {
  return `hardware_on_file/${partnerId}/${deviceDigest}`;
}
