import { physicalIdsOf } from '../physical-ids.js';
import { foldText } from './fold.js';

/** What is known of the operating system that a device is to run. Source: issue 7; domain.md 5.4, 12. */
export const osFamilies = ['windows_10', 'windows_11', 'windows_11_se', 'holographic_2004_or_later'] as const;
export type OsFamily = (typeof osFamilies)[number];

/** Kinds of devices, by name: their numbers changed between versions of the modelled service. Source: domain.md 5.5. */
export const deviceTypes = ['windowsPc', 'holoLens', 'surfaceHub2', 'surfaceHub2S', 'virtualMachine'] as const;
export type DeviceType = (typeof deviceTypes)[number];

/** What a membership rule may ask about a registered device. */
export interface RuleDevice {
  registrationId: string;
  groupTag: string | null;
  purchaseOrder: string | null;
  serialNumber: string | null;
  /** The directory object's name: before enrolment its serial number, unless somebody gave it another. */
  displayName: string | null;
  manufacturer: string | null;
  model: string | null;
  osFamily: OsFamily | null;
  deviceType: DeviceType | null;
}

/** The same as it is stored and compared: folded once by the writer. */
export interface FoldedDevice {
  physicalIds: readonly string[];
  displayName: string | null;
  serialNumber: string | null;
  manufacturer: string | null;
  model: string | null;
  osFamily: string | null;
  deviceType: string | null;
}

/** Folds a device for comparison. */
export function foldDevice(device: RuleDevice): FoldedDevice {
  const fold = (text: string | null) => (text === null ? null : foldText(text));
  return {
    physicalIds: physicalIdsOf(device).map(foldText),
    displayName: fold(device.displayName),
    serialNumber: fold(device.serialNumber),
    manufacturer: fold(device.manufacturer),
    model: fold(device.model),
    osFamily: fold(device.osFamily),
    deviceType: fold(device.deviceType),
  };
}

/** An attribute that a rule may name, by the name it has in the directory, and where its folded value stands. */
export interface RuleAttribute {
  name: string;
  /** A collection is asked with `-any` and `-all`. */
  collection: boolean;
  field: keyof FoldedDevice;
  /** What the device has, as it was written. */
  read(device: RuleDevice): string | null | readonly string[];
}

/** What makes sense before enrolment: known from the registration alone. Source: domain.md 4. */
export const ruleAttributes: readonly RuleAttribute[] = [
  { name: 'devicePhysicalIds', collection: true, field: 'physicalIds', read: (device) => physicalIdsOf(device) },
  { name: 'displayName', collection: false, field: 'displayName', read: (device) => device.displayName },
  { name: 'deviceManufacturer', collection: false, field: 'manufacturer', read: (device) => device.manufacturer },
  { name: 'deviceModel', collection: false, field: 'model', read: (device) => device.model },
  { name: 'serialNumber', collection: false, field: 'serialNumber', read: (device) => device.serialNumber },
  { name: 'osFamily', collection: false, field: 'osFamily', read: (device) => device.osFamily },
  { name: 'deviceType', collection: false, field: 'deviceType', read: (device) => device.deviceType },
];

const afterEnrolment = 'It is known only once the device is enrolled, and a profile is needed before.';
const ofTheDirectory = 'The directory gives it out, and the registration does not choose it: use devicePhysicalIds.';

/** Attributes that the directory has and that are refused here, folded, with the reason. */
const refusedAttributes: Record<string, string> = {
  accountenabled: afterEnrolment,
  devicecategory: afterEnrolment,
  deviceid: ofTheDirectory,
  objectid: ofTheDirectory,
  devicemanagementappid: afterEnrolment,
  deviceostype: 'Every registered device runs Windows: use osFamily to tell the families apart.',
  deviceosversion: afterEnrolment,
  deviceownership: 'Every registered device is owned by the company, so it tells none apart.',
  devicetrusttype: afterEnrolment,
  domainname: afterEnrolment,
  enrollmentprofilename: 'It is the profile that the group is to decide about: the rule would go in a circle.',
  isrooted: afterEnrolment,
  managementtype: afterEnrolment,
  memberof: 'A group of groups is not supported: repeat the rule of the other group.',
  profiletype: 'Every registered device has the same one.',
  systemlabels: afterEnrolment,
};

/** The attribute of this name, or why there is none. Case says nothing. */
export function attributeNamed(name: string): RuleAttribute | string {
  const folded = name.toLowerCase();
  const found = ruleAttributes.find((attribute) => attribute.name.toLowerCase() === folded);
  if (found !== undefined) return found;
  if (/^extensionattribute([1-9]|1[0-5])$/.test(folded)) return afterEnrolment;
  const known = ruleAttributes.map((attribute) => attribute.name).join(', ');
  return Object.hasOwn(refusedAttributes, folded)
    ? refusedAttributes[folded]!
    : `A device has no such attribute. Known: ${known}.`;
}
