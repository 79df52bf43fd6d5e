/**
 * Whether the hardware under a registration changed. `fix_pending`: a change was seen, and the device is asked what it is at its next
 * check-in. `attention_required`: it is another device now, and needs another registration. Source: domain.md 3.4.
 */
export const remediations = ['fix_pending', 'attention_required'] as const;
export type Remediation = (typeof remediations)[number];

/** How new hardware was seen under a registration that is there. */
export type HardwareSighting =
  /** Somebody sent a hash that claims the device's identity and is not the device as it was registered. It may be old. */
  | 'claimed'
  /** The device itself said what it is, and it is not what was registered. */
  | 'differs'
  /** The device itself said what it is, and it is what was registered. */
  | 'agrees';

/**
 * Where a device stands after a sighting. What others send never takes back what the device said of itself; what the device says decides,
 * both ways. Null: nothing is to be put right.
 */
export function remediationAfter(present: Remediation | null, sighting: HardwareSighting): Remediation | null {
  switch (sighting) {
    case 'claimed':
      return present ?? 'fix_pending';
    case 'differs':
      return 'attention_required';
    case 'agrees':
      return null;
  }
}
