import type { OsFamily } from '../membership/device-attributes.js';
import type { DeviceFacts, TpmVersion } from './assignment-state.js';

/** Who can say what a device's platform is. Whoever stands further in front is believed. Source: issue 7; domain.md 5.4. */
export const factSources = ['admin', 'management', 'import', 'hash'] as const;
export type FactSource = (typeof factSources)[number];

/** What a decoded hash says that tells a platform. */
export interface HashedPlatform {
  /** The version of the system on which the hash was captured; empty where it says none. */
  operatingSystem: string;
  manufacturer: string;
  product: string;
  /** What the hash names is made by a hypervisor. */
  virtual: boolean;
  /** The TPM as Windows describes it; null where the hash has none. */
  tpm: string | null;
  /** Nothing of the hash is missing or damaged. */
  complete: boolean;
}

/** What a hash says of the platform. Only a complete one can say that there is no TPM. Source: matching.md A.3. */
export function platformOfHash(hash: HashedPlatform): DeviceFacts {
  const deviceType = namedDevice(hash) ?? (hash.virtual ? 'virtualMachine' : null);
  const osFamily = familyOf(hash.operatingSystem, deviceType === 'holoLens');
  const isPc = deviceType === null && osFamily !== null && hash.complete;
  return {
    osFamily,
    deviceType: isPc ? 'windowsPc' : deviceType,
    tpmVersion: hash.tpm === null ? (osFamily !== null && hash.complete ? 'none' : null) : tpmOf(hash.tpm),
  };
}

/** What management says of an enrolled device: the family of its system with its version, and its kind. */
export interface ManagedPlatform {
  family: string;
  version: string;
  deviceType: string;
}

/** What management says of the platform. It knows nothing of the TPM. */
export function platformOfManagement(managed: ManagedPlatform): Pick<DeviceFacts, 'osFamily' | 'deviceType'> {
  const isHolographic = managed.family === 'holographic' || managed.deviceType === 'hololens';
  if (!isHolographic && managed.family !== 'windows') return { osFamily: null, deviceType: null };
  const deviceType = isHolographic ? 'holoLens' : managed.deviceType === 'virtual' ? 'virtualMachine' : 'windowsPc';
  return { osFamily: familyOf(managed.version, isHolographic), deviceType };
}

const oldestWindows11 = 22_000;
const oldestWindows10 = 10_240;
const holographic2004 = 19_041;

/** Windows 11 SE is an edition, which no version tells. */
function familyOf(version: string, isHolographic: boolean): OsFamily | null {
  const build = Number(/^10\.0\.(\d{1,6})(?:\.|$)/.exec(version)?.[1] ?? 0);
  if (isHolographic) return build >= holographic2004 ? 'holographic_2004_or_later' : null;
  if (build >= oldestWindows11) return 'windows_11';
  return build >= oldestWindows10 ? 'windows_10' : null;
}

/** Devices that are told by their names; all of one maker. */
function namedDevice({ manufacturer, product }: HashedPlatform): 'holoLens' | 'surfaceHub2' | 'surfaceHub2S' | null {
  if (!/^microsoft\b/i.test(manufacturer.trim())) return null;
  const name = product.trim();
  if (/^hololens\b/i.test(name)) return 'holoLens';
  if (/^surface hub 2s\b/i.test(name)) return 'surfaceHub2S';
  return /^surface hub 2\b/i.test(name) ? 'surfaceHub2' : null;
}

function tpmOf(text: string): TpmVersion | null {
  const [, version] = /TPM-Version:\s*(1\.2|2\.0)/i.exec(text) ?? [];
  return version === '1.2' || version === '2.0' ? version : null;
}
