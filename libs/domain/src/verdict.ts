/**
 * The final word on one row of input. Every row received has exactly one.
 * The numbers and names are those of the modelled service, kept beside ours for people who know them.
 * Source: domain.md 13.1.
 */
export const verdicts = {
  registered: { accepted: true, number: null, name: null, next: 'Nothing: the device is registered.' },
  would_register: {
    accepted: true,
    number: null,
    name: null,
    next: 'Send it without validateOnly: as things stand, the device would be registered.',
  },
  uploaded: {
    accepted: true,
    number: null,
    name: null,
    next: 'Nothing: the hash is on file, and orders may name the device by its maker, model and serial number or product key id.',
  },
  kept: { accepted: true, number: null, name: null, next: 'Nothing: it was registered before and stays as it is.' },
  removed: { accepted: true, number: null, name: null, next: 'Nothing: its registration is gone.' },
  not_registered: {
    accepted: false,
    number: 807,
    name: 'ZtdDeviceIsNotRegistered',
    next: 'Nothing: it is not registered any more.',
  },
  not_in_order: {
    accepted: false,
    number: null,
    name: null,
    next: 'This order never registered such a device: look up the order that did.',
  },
  already_registered: {
    accepted: false,
    number: 806,
    name: 'ZtdDeviceAlreadyAssigned',
    next: 'Nothing: the device is registered to this tenant already.',
  },
  owned_elsewhere: {
    accepted: false,
    number: 808,
    name: 'ZtdDeviceAssignedToOtherTenant',
    next: 'Its present owner has to deregister the device first.',
  },
  duplicate_in_file: {
    accepted: false,
    number: null,
    name: 'ZtdDeviceDuplicated',
    next: 'Look at the row it repeats: that one has the result.',
  },
  hash_invalid: {
    accepted: false,
    number: 802,
    name: 'InvalidZtdHardwareHash',
    next: 'Capture the hardware hash again and send the row again.',
  },
  malformed: {
    accepted: false,
    number: 801,
    name: 'InvalidZtdRequestBody',
    next: 'Correct the row and send it again.',
  },
  identity_missing: {
    accepted: false,
    number: 803,
    name: 'MissingZtdSerialNumberAndProductKey',
    next: 'Give a hardware hash, a product key id, or manufacturer, model and serial number.',
  },
  not_on_file: {
    accepted: false,
    number: 812,
    name: 'ZtdDeviceNotFound',
    next: 'The maker has not uploaded this device: send its hardware hash instead.',
  },
  needs_review: {
    accepted: false,
    number: null,
    name: null,
    next: 'It resembles a registered device but is not clearly the same: if that one was repaired, open a repair case for it and send this hash there.',
  },
  withheld: {
    accepted: false,
    number: null,
    name: null,
    next: 'The partner was not authorised any more when this row was reached: renew the consent and send it again.',
  },
  not_unique: {
    accepted: false,
    number: 813,
    name: 'ZtdDeviceIsNotUnique',
    next: 'Several devices on file have these values: send the hardware hash of the one you mean.',
  },
  busy: {
    accepted: false,
    number: null,
    name: null,
    next: 'Another run is working on this device: look at that run, and send the row again when it is over.',
  },
  workplace_joined: {
    accepted: false,
    number: null,
    name: null,
    next: 'A user added it as a personal device: remove it from the directory and from management first, then send the row again.',
  },
  management_only: {
    accepted: false,
    number: null,
    name: null,
    next: 'It is enrolled in management only, as a personal device: remove it there first, then send the row again.',
  },
  cancelled: {
    accepted: false,
    number: null,
    name: null,
    next: 'The run was cancelled before this row was done: send it again if it is still wanted.',
  },
  already_joined: {
    accepted: false,
    number: 814,
    name: 'ZtdDeviceAlreadyAadRegistered',
    next: 'The directory knows the device as joined already; its registration was undone. Remove it from management first.',
  },
  deregistered: { accepted: true, number: null, name: null, next: 'Nothing: the device is gone everywhere.' },
  deregistered_kept: {
    accepted: true,
    number: null,
    name: null,
    next: 'Nothing: the registration is gone; what stays, and why, stands beside it.',
  },
  restored: {
    accepted: false,
    number: null,
    name: null,
    next: 'Nothing: the run was cancelled, and the device is as it was before.',
  },
  skipped: {
    accepted: false,
    number: null,
    name: null,
    next: 'Look at the step that was skipped: the rest of the deregistration is done.',
  },
  abandoned: {
    accepted: false,
    number: null,
    name: null,
    next: 'Somebody gave it up: what is not as it should be stands beside it.',
  },
} as const satisfies Record<string, VerdictMeaning>;

/** What a partner does next about a device that its customer registered itself. Source: domain.md 8.4. */
export const tenantDeregistersFirst =
  'The tenant registered the device itself: it deregisters the device, and then a partner can register it.';

/** What is said of a row whose effect is gone again, because its run was cancelled. */
export const takenBackWords: Partial<Record<Verdict, { word: string; next: string }>> = {
  registered: {
    word: 'taken back',
    next: 'The run was cancelled, and what this row registered is gone again: send it again if it is still wanted.',
  },
  removed: { word: 'put back', next: 'Nothing: the run was cancelled, and the device is registered again as it was.' },
};

interface VerdictMeaning {
  /** Whether the row ended as the sender wished. */
  accepted: boolean;
  /** The modelled service's number, where it has one. */
  number: number | null;
  /** The modelled service's name, where it has one. */
  name: string | null;
  /** What the sender does next. */
  next: string;
}

export type Verdict = keyof typeof verdicts;
export const verdictNames = Object.keys(verdicts) as Verdict[];

/** How many rows had which verdict. Verdicts with no row are left out. */
export type VerdictCounts = Partial<Record<Verdict, number>>;

/** Adds counts of two sets of rows. */
export function addCounts(left: VerdictCounts, right: VerdictCounts): VerdictCounts {
  const sum: VerdictCounts = { ...left };
  for (const verdict of verdictNames) {
    const more = right[verdict];
    if (more !== undefined && more > 0) sum[verdict] = (sum[verdict] ?? 0) + more;
  }
  return sum;
}

/** Rows that have a verdict; of these, those whose device the run registered, and those that did not end as the sender wished. */
export function totalsOf(counts: VerdictCounts): { decided: number; registered: number; rejected: number } {
  const totals = { decided: 0, registered: counts.registered ?? 0, rejected: 0 };
  for (const verdict of verdictNames) {
    const rows = counts[verdict] ?? 0;
    totals.decided += rows;
    if (!verdicts[verdict].accepted) totals.rejected += rows;
  }
  return totals;
}
