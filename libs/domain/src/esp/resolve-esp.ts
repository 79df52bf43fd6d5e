import type { OsFamily } from '../membership/device-attributes.js';
import { isUserless, type DeploymentMode, type JoinType } from '../profile/profile-settings.js';
import type { BlockingApp, EspSettings } from './esp-settings.js';

/** A page that devices or users may come to see. */
export interface CandidateEsp {
  id: string;
  displayName: string;
  /** 1 is asked first; null for the default, which is asked last. */
  priority: number | null;
  settings: EspSettings;
  /** The groups, of devices or of users, that it is assigned to. */
  groups: readonly string[];
}

/** Who stands before the page. */
export interface EspSubject {
  deviceGroups: ReadonlySet<string>;
  /** The groups of the user who signs in; null where none is known. */
  userGroups: ReadonlySet<string> | null;
  deploymentMode: DeploymentMode;
  joinType: JoinType;
  osFamily: OsFamily | null;
  /** The applications that Windows 11 SE accepts. */
  approvedApps: ReadonlySet<string>;
}

/** Hybrid join waits for the connector. Source: domain.md 6.4. */
export const hybridExtraMinutes = 40;

export interface EspResolution<Esp extends CandidateEsp = CandidateEsp> {
  esp: Esp;
  via: 'device' | 'user' | 'default';
  /** The groups by which it came. */
  viaGroups: readonly string[];
  /** Why users were not asked about. */
  userSkipped: boolean;
  timeoutMinutes: number;
  blockingApps: readonly BlockingApp[];
  /** Blocking applications that the device does not accept, so that it does not wait for them. */
  leftOut: readonly BlockingApp[];
}

/**
 * Which page does a device show? The first that is assigned to the device; else the first that is assigned to the user, where somebody
 * signs in; else the default. What it waits for is what the device can have. Source: domain.md 6.2, 6.4.
 */
export function resolveEsp<Esp extends CandidateEsp>(
  subject: EspSubject,
  pages: readonly Esp[],
  defaultPage: Esp,
): EspResolution<Esp> {
  const ordered = pages
    .filter((page) => page.priority !== null)
    .sort((left, right) => left.priority! - right.priority!);
  const first = (groups: ReadonlySet<string>) => ordered.find((page) => page.groups.some((group) => groups.has(group)));
  const userSkipped = isUserless(subject.deploymentMode);
  const forDevice = first(subject.deviceGroups);
  const forUser = userSkipped || subject.userGroups === null ? undefined : first(subject.userGroups);
  const esp = forDevice ?? forUser ?? defaultPage;
  const via = forDevice !== undefined ? 'device' : forUser !== undefined ? 'user' : 'default';
  const asked = via === 'device' ? subject.deviceGroups : via === 'user' ? subject.userGroups! : new Set<string>();
  return {
    esp,
    via,
    viaGroups: esp.groups.filter((group) => asked.has(group)),
    userSkipped,
    timeoutMinutes:
      esp.settings.installProgressTimeoutInMinutes + (subject.joinType === 'hybrid' ? hybridExtraMinutes : 0),
    ...acceptedApps(esp.settings.blockingApps, subject),
  };
}

function acceptedApps(apps: readonly BlockingApp[], { osFamily, approvedApps }: EspSubject) {
  if (osFamily !== 'windows_11_se') return { blockingApps: apps, leftOut: [] };
  return {
    blockingApps: apps.filter((app) => approvedApps.has(app.id)),
    leftOut: apps.filter((app) => !approvedApps.has(app.id)),
  };
}
