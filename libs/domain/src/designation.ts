import { takesAssignedUser, type DeviceFacts } from './profile/assignment-state.js';
import { computerNameLength } from './profile/name-template.js';

/** For whom a registered device is meant, and what it is to be called. Source: domain.md 1.4, 5.3, 5.5. */
export interface Designation {
  /** A user principal name; only its domain is checked. */
  assignedUser: string | null;
  /** The computer's name; a profile's template does not count beside it. */
  displayName: string | null;
}

/** Why a device cannot be designated so. Stable: senders compare it. */
export type DesignationFaultCode =
  | 'user.malformed'
  | 'user.domain-unknown'
  | 'device.takes-no-user'
  | 'name.too-long'
  | 'name.character'
  | 'name.only-digits';

export interface DesignationFault {
  code: DesignationFaultCode;
  message: string;
}

/** The longest user principal name: 64 characters, the at sign, 48 characters. */
export const principalNameLength = 113;

/** The longest domain name. */
export const domainNameLength = 253;

const domainLabel = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainForm = new RegExp(`^(?:${domainLabel}\\.)+${domainLabel}$`);

/** A domain as it is compared: its case says nothing. Null where it is none. */
export function domainNameOf(text: string): string | null {
  const folded = text.trim().toLowerCase();
  return folded.length <= domainNameLength && domainForm.test(folded) ? folded : null;
}

/** The domain of a user principal name; null where it is no such name. */
export function domainOfUser(principalName: string): string | null {
  const parts = principalName.split('@');
  if (parts.length !== 2 || !/^[^\s"(),:;<>[\\\]]+$/.test(parts[0]!)) return null;
  return domainNameOf(parts[1]!);
}

/** What is wrong with a user as he is written, before anybody asks whose domain it is. */
export function userFault(principalName: string): DesignationFault | null {
  if (principalName.length <= principalNameLength && domainOfUser(principalName) !== null) return null;
  return { code: 'user.malformed', message: 'An assigned user is a principal name, like user@contoso.com.' };
}

/**
 * A device may be meant only for a user of its own tenant. Whether there is such a user is not asked: only the domain part is checked.
 * Source: domain.md 1.4.
 *
 * @param domains the tenant's, as `domainNameOf` writes them
 */
export function userDomainFault(principalName: string, domains: ReadonlySet<string>): DesignationFault | null {
  const domain = domainOfUser(principalName);
  if (domain !== null && domains.has(domain)) return null;
  return {
    code: 'user.domain-unknown',
    message: `${domain ?? 'What follows the at sign'} is not a domain of the tenant.`,
  };
}

/** A HoloLens is set up without anybody: nobody can be assigned to it. Source: domain.md 5.4. */
export function userlessFault(device: DeviceFacts): DesignationFault | null {
  return takesAssignedUser(device)
    ? null
    : { code: 'device.takes-no-user', message: 'A HoloLens sets itself up without a user: nobody is assigned to it.' };
}

/** What is wrong with a computer's name. Source: domain.md 5.3. */
export function displayNameFault(name: string): DesignationFault | null {
  if (name.length > computerNameLength) {
    return { code: 'name.too-long', message: `A name has at most ${computerNameLength} characters.` };
  }
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    return { code: 'name.character', message: 'A name has letters, digits and hyphens.' };
  }
  return /^\d+$/.test(name) ? { code: 'name.only-digits', message: 'A name cannot consist of digits alone.' } : null;
}
