import type { ProfileSettings } from './profile-settings.js';

/** What each bit of `CloudAssignedOobeConfig` says. 1 to 16 are official, the others from the diagnostics script. Source: domain.md 7.3. */
export const oobeBits = {
  skipCortanaOptIn: 1,
  oobeUserNotLocalAdmin: 2,
  skipExpressSettings: 4,
  skipOemRegistration: 8,
  skipEula: 16,
  tpmAttestation: 32,
  aadDeviceAuth: 64,
  aadTpmRequired: 128,
  skipWindowsUpgradeUx: 256,
  enablePatchDownload: 512,
  skipKeyboard: 1_024,
} as const;
export type OobeBit = keyof typeof oobeBits;

/** The number of these bits. */
export function oobeConfigOfBits(bits: readonly OobeBit[]): number {
  return bits.reduce((sum, bit) => sum | oobeBits[bit], 0);
}

/** The bits of a number, lowest first. */
export function bitsOfOobeConfig(config: number): OobeBit[] {
  return (Object.keys(oobeBits) as OobeBit[]).filter((bit) => (config & oobeBits[bit]) !== 0);
}

/** What a profile's settings say to the device, as the official exporter says it. */
export function oobeConfigOf(settings: ProfileSettings): number {
  const bits: OobeBit[] = ['skipOemRegistration', 'skipWindowsUpgradeUx'];
  if (settings.userType === 'standard') bits.push('oobeUserNotLocalAdmin');
  if (settings.privacySettingsHidden) bits.push('skipExpressSettings');
  if (settings.eulaHidden) bits.push('skipEula');
  if (settings.keyboardSelectionPageSkipped) bits.push('skipKeyboard');
  if (settings.deploymentMode === 'self_deploying') bits.push('tpmAttestation', 'aadDeviceAuth');
  return oobeConfigOfBits(bits);
}
