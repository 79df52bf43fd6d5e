import type { DeviceType, OsFamily } from '../membership/device-attributes.js';
import type { DeploymentMode } from './profile-settings.js';

/** Where the assignment of a profile to a device stands. Source: domain.md 5.5. */
export const assignmentStates = [
  'unassigned',
  'assigning',
  'assigned',
  'fix_pending',
  'attention_required',
  'failed',
] as const;
export type AssignmentState = (typeof assignmentStates)[number];

/** Why a profile cannot be the device's, beside its name in the modelled API. */
export const assignmentDetails = {
  hardware_requirements_not_met: 'hardwareRequirementsNotMet',
  surface_hub_profile_not_supported: 'surfaceHubProfileNotSupported',
  hololens_profile_not_supported: 'holoLensProfileNotSupported',
  windows_pc_profile_not_supported: 'windowsPcProfileNotSupported',
  surface_hub_2s_profile_not_supported: 'surfaceHub2SProfileNotSupported',
  os_family_not_supported: null,
} as const;
export type AssignmentDetail = keyof typeof assignmentDetails;
export const assignmentDetailNames = Object.keys(assignmentDetails) as AssignmentDetail[];

/** The TPM that a device is known to have. */
export const tpmVersions = ['none', '1.2', '2.0'] as const;
export type TpmVersion = (typeof tpmVersions)[number];

/** What is known of a device that decides whether a profile fits; null where nobody said. */
export interface DeviceFacts {
  osFamily: OsFamily | null;
  deviceType: DeviceType | null;
  tpmVersion: TpmVersion | null;
}

/** What a profile asks of a device. */
export interface ProfileDemands {
  deviceType: DeviceType;
  deploymentMode: DeploymentMode;
}

const mismatchOf: Record<DeviceType, AssignmentDetail> = {
  windowsPc: 'windows_pc_profile_not_supported',
  holoLens: 'hololens_profile_not_supported',
  surfaceHub2: 'surface_hub_profile_not_supported',
  surfaceHub2S: 'surface_hub_2s_profile_not_supported',
  virtualMachine: 'hardware_requirements_not_met',
};

/**
 * What speaks against this profile on this device; null where nothing does. What is not known speaks against nothing: the device says it
 * at its first boot. A virtual machine takes the profiles of a PC, but nothing that needs its TPM. Source: domain.md 5.4, 5.5.
 */
export function misfitOf(device: DeviceFacts, profile: ProfileDemands): AssignmentDetail | null {
  const isHolographic = device.osFamily === 'holographic_2004_or_later';
  const deviceType = device.deviceType ?? (isHolographic ? 'holoLens' : null);
  if (deviceType !== null && !takesProfileOf(deviceType, profile.deviceType)) return mismatchOf[profile.deviceType];
  if (device.osFamily !== null && isHolographic !== (profile.deviceType === 'holoLens'))
    return 'os_family_not_supported';
  if (profile.deploymentMode !== 'self_deploying' || profile.deviceType === 'holoLens') return null;
  const lacksTpm = device.tpmVersion !== null && device.tpmVersion !== '2.0';
  return lacksTpm || deviceType === 'virtualMachine' ? 'hardware_requirements_not_met' : null;
}

function takesProfileOf(device: DeviceType, profile: DeviceType): boolean {
  return device === profile || (device === 'virtualMachine' && profile === 'windowsPc');
}

/** HoloLens has nobody who is expected: an assigned user means nothing to it. Source: domain.md 5.4. */
export function takesAssignedUser(device: DeviceFacts): boolean {
  return device.deviceType !== 'holoLens' && device.osFamily !== 'holographic_2004_or_later';
}

/** What an assignment is decided from. */
export interface AssignmentFacts {
  /** The profile that the device is to have; null for the built-in default. */
  desired: { profileId: string; version: number } | null;
  misfit: AssignmentDetail | null;
  /** What was read back as the device's. */
  observed: { profileId: string; version: number } | null;
  /** Whether its hardware changed, and whether that is being put right or waits for somebody. */
  repair: 'none' | 'fix_pending' | 'attention_required';
}

/** Where an assignment stands. A repair comes first: until it is settled nobody knows what the device would be told. */
export function assignmentStateOf(facts: AssignmentFacts): { state: AssignmentState; detail: AssignmentDetail | null } {
  const { desired, misfit, observed, repair } = facts;
  if (repair !== 'none') return { state: repair, detail: null };
  if (desired !== null && misfit !== null) return { state: 'failed', detail: misfit };
  const inSync = observed?.profileId === desired?.profileId && observed?.version === desired?.version;
  if (!inSync) return { state: 'assigning', detail: null };
  return { state: desired === null ? 'unassigned' : 'assigned', detail: null };
}
