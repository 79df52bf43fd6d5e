/** What a tenant shows of itself when a device is set up. Source: issue 7; domain.md 5.2. */
export interface Branding {
  displayName: string;
  /** A picture, base64. */
  logo: { mediaType: LogoType; data: string } | null;
  signInText: string | null;
}

export const logoTypes = ['image/png', 'image/jpeg'] as const;
export type LogoType = (typeof logoTypes)[number];

/** Bounds of a branding: characters, and bytes of the picture. */
export const brandingLimits = { displayName: 200, signInText: 1_024, logoBytes: 51_200 } as const;

/** How the first bytes of each picture begin. */
const signatures: Record<LogoType, readonly number[]> = {
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff],
};

/** Whether these bytes are a picture of that type, as far as their beginning tells. */
export function isPictureOf(type: LogoType, bytes: ArrayLike<number>): boolean {
  return signatures[type].every((byte, index) => bytes[index] === byte);
}

/** May the branding go? Not while a profile hides account options behind it. */
export function mayRemoveBranding(profilesHidingAccountOptions: number): boolean {
  return profilesHidingAccountOptions === 0;
}
