import type {
  AuthorizationRefusal,
  GuardRefusal,
  ResolutionRefusal,
  RunCommandRefusal,
  ScopeRefusal,
  TargetRefusal,
} from '@groundcrew/domain';
import type { HashRejectionCode } from '@groundcrew/matching';

/** Every way a call can be refused. Codes are contract: sentences may change, codes do not. */
export type ProblemCode =
  | AuthorizationRefusal
  | ScopeRefusal
  | TargetRefusal
  | HashRejectionCode
  | GuardRefusal
  | ResolutionRefusal
  | 'plan.not-found'
  | 'plan.executed'
  | 'plan.expired'
  | 'plan.blocked'
  | 'plan.empty'
  | 'plan.ambiguous'
  | 'plan.unknown-devices'
  | 'plan.reality-moved'
  | 'plan.own-approval'
  | 'device.busy'
  | 'restore.nothing-kept'
  | 'repair.not-found'
  | 'repair.not-waiting'
  | 'repair.donor-registered'
  | 'repair.donor-is-the-device'
  | 'neighbour.unavailable'
  | 'token.missing'
  | 'token.rejected'
  | 'identity.unavailable'
  | 'access.denied'
  | 'route.not-found'
  | 'parameter.invalid'
  | 'body.malformed-json'
  | 'body.invalid'
  | 'body.too-large'
  | 'body.truncated'
  | 'body.digest-mismatch'
  | 'body.media-type'
  | 'body.content-encoding'
  | 'order.empty'
  | 'order.without-tenant'
  | 'order.csv-header'
  | 'order.encoding'
  | 'import.oa3'
  | 'failed-rows.sender-only'
  | 'failed-rows.gone'
  | 'upload.not-found'
  | 'case.not-found'
  | 'case.decided'
  | 'case.serials'
  | 'case.proof'
  | 'upload.committed'
  | 'upload.changed'
  | 'upload.parts-differ'
  | 'upload.digest-missing'
  | 'order.not-found'
  | 'order.batch-exists'
  | 'idempotency.key-missing'
  | 'idempotency.key-invalid'
  | 'idempotency.key-reused'
  | 'idempotency.in-progress'
  | 'idempotency.lease-lost'
  | 'precondition.missing'
  | 'precondition.failed'
  | 'tenant.not-found'
  | 'tenant.exists'
  | 'partner.not-found'
  | 'partner.exists'
  | 'user.exists'
  | 'domain.exists'
  | 'user.domain-unknown'
  | 'device.takes-no-user'
  | 'consent.not-found'
  | 'consent.not-open'
  | 'consent.already-open'
  | 'consent.link-used'
  | 'consent.needs-owner'
  | 'partner.no-provider'
  | 'partner.status-unreachable'
  | 'device.not-found'
  | 'group.not-found'
  | 'group.exists'
  | 'group.too-many'
  | 'group.in-use'
  | 'group.rule'
  | 'group.has-no-rule'
  | 'group.members-follow-rule'
  | 'profile.not-found'
  | 'profile.exists'
  | 'profile.too-many'
  | 'profile.invalid'
  | 'profile.assigned'
  | 'profile.not-exportable'
  | 'profile.group-unknown'
  | 'branding.not-found'
  | 'branding.needs-name'
  | 'branding.logo'
  | 'branding.in-use'
  | 'esp.not-found'
  | 'esp.exists'
  | 'esp.too-many'
  | 'esp.invalid'
  | 'esp.group-unknown'
  | 'esp.default-is-last'
  | 'esp.default-stays'
  | 'esp.not-an-order'
  | 'capture.not-on-windows-11-se'
  | 'app.not-found'
  | 'education.not-a-school'
  | 'education.tag-has-group'
  | 'education.too-many-groups'
  | 'education.group-not-found'
  | 'user.not-found'
  | 'user-group.not-found'
  | 'user-group.exists'
  | 'user-group.assigned'
  | 'user-group.member-unknown'
  | 'operation.not-found'
  | 'partner.not-a-maker'
  | 'hardware.not-found'
  | RunCommandRefusal
  | 'events.too-many'
  | 'request.refused'
  | 'service.unavailable'
  | 'internal';

/** The one table of what a code means to HTTP. */
export const problems = {
  'token.missing': { status: 401, title: 'A bearer token is required.' },
  'token.rejected': { status: 401, title: 'The bearer token is not accepted.' },
  'identity.unavailable': { status: 503, title: 'The keys of the token issuer cannot be read at the moment.' },
  'access.denied': { status: 403, title: 'None of your roles permits this.' },
  'route.not-found': { status: 404, title: 'There is nothing at this address.' },
  'parameter.invalid': { status: 400, title: 'A parameter is unknown or has a value that it cannot have.' },
  'body.malformed-json': { status: 400, title: 'The body is not JSON.' },
  'body.invalid': { status: 400, title: 'The body does not have the form that is expected here.' },
  'body.too-large': { status: 413, title: 'The body is too large.' },
  'body.truncated': { status: 400, title: 'The body did not arrive whole.' },
  'body.digest-mismatch': { status: 400, title: 'The body is not the one that Content-Digest describes.' },
  'body.media-type': { status: 415, title: 'This content type is not taken here.' },
  'body.content-encoding': { status: 415, title: 'An encoded body is not taken: send it as it is.' },
  'order.empty': { status: 400, title: 'The order has no devices.' },
  'order.without-tenant': {
    status: 403,
    title: 'Only who builds devices takes registrations back with an order that names no tenant.',
  },
  'order.csv-header': { status: 400, title: 'The first line does not name the columns that are needed.' },
  'order.encoding': { status: 400, title: 'The file is not written in one encoding.' },
  'import.oa3': { status: 422, title: 'This is no report of the OA3 tool that a device can be registered from.' },
  'failed-rows.sender-only': {
    status: 403,
    title: 'Failed rows hold hardware hashes: only whoever sent them may fetch them.',
  },
  'failed-rows.gone': { status: 410, title: 'Failed rows are kept for 30 days, and these are gone.' },
  'case.not-found': { status: 404, title: 'There is no such case.' },
  'case.decided': { status: 409, title: 'The case is decided already.' },
  'case.serials': { status: 422, title: 'The serial numbers cannot be taken as they are.' },
  'case.proof': { status: 422, title: 'A proof of ownership is a PDF of at most 5 MiB.' },
  'upload.not-found': { status: 404, title: 'There is no such upload, or its time is over.' },
  'upload.committed': { status: 409, title: 'The upload is committed already.' },
  'upload.changed': {
    status: 409,
    title: 'A part was sent again while the upload was being committed: commit it again.',
  },
  'upload.parts-differ': { status: 409, title: 'The parts are not those that were announced.' },
  'upload.digest-missing': { status: 400, title: 'A part needs a Content-Digest with sha-256.' },
  'order.batch-exists': {
    status: 409,
    title: 'The partner has a list of this name for the customer: add to that order, or name this one otherwise.',
  },
  'order.not-found': { status: 404, title: 'There is no such order.' },
  'idempotency.key-missing': { status: 400, title: 'An Idempotency-Key is required.' },
  'idempotency.key-invalid': { status: 400, title: 'An Idempotency-Key has 1 to 255 visible ASCII characters.' },
  'idempotency.key-reused': { status: 422, title: 'This Idempotency-Key was used for something else.' },
  'idempotency.in-progress': { status: 409, title: 'A call with this Idempotency-Key is still open.' },
  'idempotency.lease-lost': { status: 409, title: 'This call took too long, and another one took its place.' },
  'precondition.missing': { status: 428, title: 'If-Match is required: read the resource and send its ETag.' },
  'precondition.failed': { status: 412, title: 'The resource has changed since you read it.' },
  'tenant.not-found': { status: 404, title: 'There is no such tenant.' },
  'tenant.exists': { status: 409, title: 'There is a tenant with this id already.' },
  'partner.not-found': { status: 404, title: 'There is no such partner.' },
  'partner.exists': { status: 409, title: 'There is a partner with this id or directory tenant already.' },
  'partner.suspended': { status: 403, title: 'The partner is suspended.' },
  'partner.ended': { status: 403, title: 'The partnership has ended.' },
  'user.exists': { status: 409, title: 'There is a user with this id or principal name already.' },
  'domain.exists': { status: 409, title: 'The tenant has this domain already.' },
  'user.domain-unknown': { status: 422, title: 'The user is of no domain of the tenant.' },
  'device.takes-no-user': { status: 422, title: 'A device of this kind is meant for nobody in particular.' },
  'consent.missing': { status: 403, title: 'The tenant has not authorised this partner.' },
  'consent.pending': { status: 403, title: 'The tenant has not decided about this partner yet.' },
  'consent.declined': { status: 403, title: 'The tenant has declined this partner.' },
  'consent.expired': { status: 403, title: "The tenant's authorisation has expired." },
  'consent.revoked': { status: 403, title: 'The tenant has revoked its authorisation.' },
  'consent.not-yet': { status: 403, title: 'The consent does not hold yet.' },
  'consent.over': { status: 403, title: 'The time for which the consent was given is over.' },
  'consent.model-not-covered': { status: 403, title: 'The consent does not cover this model.' },
  'consent.purchase-order-not-covered': { status: 403, title: 'The consent does not cover this purchase order.' },
  'consent.quantity-exceeded': { status: 403, title: 'The consent covers fewer devices than these.' },
  'consent.needs-owner': { status: 403, title: 'Only an owner of the tenant decides about consents.' },
  'consent.already-open': { status: 409, title: 'The tenant has been asked already, or has consented.' },
  'consent.link-used': { status: 409, title: 'This link was used already.' },
  'partner.no-provider': {
    status: 422,
    title: 'Only an indirect reseller has a provider, and that is an indirect provider.',
  },
  'partner.status-unreachable': {
    status: 409,
    title: 'A partner does not come to this status from the one it has: what has ended is not taken up again.',
  },
  'consent.not-found': { status: 404, title: 'There is no such consent.' },
  'consent.not-open': { status: 409, title: 'The consent is not in a state in which this can be decided.' },
  'guard.run-limit': { status: 409, title: 'The plan has more devices than one run may have.' },
  'guard.day-limit': { status: 409, title: 'With this plan more devices would go within a day than may.' },
  'guard.second-person': { status: 409, title: 'So many devices need the approval of a second person.' },
  'guard.typed-count': { status: 409, title: 'A filter chose the devices: type their number as typedCount.' },
  'guard.inventory-shrinks': { status: 409, title: 'The inventory would shrink suspiciously within a day.' },
  'guard.recovery-keys': { status: 409, title: 'Escrowed recovery keys would be lost: say why they may be.' },
  'deregistration.nothing-to-resolve': { status: 409, title: 'No such device needs a decision.' },
  'deregistration.cannot-skip-line': { status: 409, title: 'The removal of the registration cannot be skipped.' },
  'deregistration.reason-missing': { status: 422, title: 'Skipping and abandoning need a reason.' },
  'plan.not-found': { status: 404, title: 'There is no such plan.' },
  'plan.executed': { status: 409, title: 'The plan was executed already.' },
  'plan.expired': { status: 409, title: 'The plan is too old: make a new one.' },
  'plan.blocked': { status: 409, title: 'Something holds up devices of the plan: make a plan without them.' },
  'plan.empty': { status: 422, title: 'The plan would have no devices.' },
  'plan.ambiguous': { status: 422, title: 'A serial number could mean several devices: name one by its id.' },
  'plan.unknown-devices': { status: 422, title: 'Some of the devices are not registered here.' },
  'plan.reality-moved': { status: 409, title: 'Reality has moved since the plan was made.' },
  'plan.own-approval': { status: 409, title: 'Nobody approves a plan of his own.' },
  'device.busy': { status: 409, title: 'A device is in the middle of another run.' },
  'restore.nothing-kept': { status: 409, title: 'Nothing of it is kept that could be restored.' },
  'repair.not-found': { status: 404, title: 'There is no such repair.' },
  'repair.not-waiting': { status: 409, title: 'The repair does not wait for a hash at the moment.' },
  'repair.donor-registered': {
    status: 409,
    title: 'The board comes from a device that is registered: deregister that one first.',
  },
  'repair.donor-is-the-device': { status: 422, title: 'A device cannot be the donor of its own board.' },
  'neighbour.unavailable': { status: 503, title: 'A neighbour that the plan asks does not answer at the moment.' },
  'device.not-found': { status: 404, title: 'There is no such device.' },
  'group.not-found': { status: 404, title: 'There is no such group.' },
  'group.exists': { status: 409, title: 'There is a group with this id already.' },
  'group.too-many': { status: 409, title: 'The tenant has as many groups as it may have.' },
  'group.in-use': {
    status: 409,
    title: 'Profiles or enrolment status pages refer to the group: take it from them first.',
  },
  'group.rule': { status: 422, title: 'The membership rule is not understood.' },
  'group.has-no-rule': { status: 409, title: 'The members of this group are named: it has no rule.' },
  'group.members-follow-rule': {
    status: 409,
    title: 'The members of this group follow from its rule: they cannot be named.',
  },
  'profile.not-found': { status: 404, title: 'There is no such profile.' },
  'profile.exists': { status: 409, title: 'There is, or was, a profile with this id.' },
  'profile.too-many': { status: 409, title: 'The tenant has as many profiles as it may have: 350.' },
  'profile.invalid': { status: 422, title: 'The settings of the profile do not go together.' },
  'profile.assigned': { status: 409, title: 'The profile is assigned: take it from all groups before you delete it.' },
  'profile.not-exportable': { status: 422, title: 'A file can tell of user-driven set-up only.' },
  'profile.not-assignable': {
    status: 422,
    title: 'A profile for existing devices travels in a file: it is not assigned.',
  },
  'profile.group-unknown': { status: 422, title: 'One of the groups does not exist.' },
  'profile.group-twice': { status: 422, title: 'A group is included or excluded, and once.' },
  'profile.exclusion-of-all-devices': {
    status: 422,
    title: 'A profile for all devices excludes nobody: include groups instead.',
  },
  'education.group-has-profile': { status: 409, title: 'A school group has one profile, and this one has another.' },
  'branding.not-found': { status: 404, title: 'The tenant has no branding.' },
  'branding.needs-name': { status: 422, title: 'The first branding names the tenant: give displayName.' },
  'branding.logo': { status: 422, title: 'The logo is not the picture that it is said to be, or is too large.' },
  'branding.in-use': { status: 409, title: 'A profile hides account options behind the branding.' },
  'esp.not-found': { status: 404, title: 'There is no such Enrollment Status Page.' },
  'esp.exists': { status: 409, title: 'There is an Enrollment Status Page with this id already.' },
  'esp.too-many': { status: 409, title: 'The tenant has as many Enrollment Status Pages as it may have: 51.' },
  'esp.invalid': { status: 422, title: 'The settings of the Enrollment Status Page do not go together.' },
  'esp.group-unknown': { status: 422, title: 'One of the groups does not exist.' },
  'esp.default-is-last': {
    status: 422,
    title: 'The default page is for everybody, and last: it has no place and no groups.',
  },
  'esp.default-stays': { status: 409, title: 'The default page cannot be deleted.' },
  'esp.not-an-order': { status: 409, title: 'This is not every page but the default, once.' },
  'education.not-a-school': { status: 409, title: 'The tenant is no school.' },
  'education.tag-has-group': { status: 409, title: 'There is a group for this tag already.' },
  'education.too-many-groups': { status: 409, title: 'The school has as many groups as it may have.' },
  'education.group-not-found': { status: 404, title: 'There is no such school group.' },
  'capture.not-on-windows-11-se': {
    status: 422,
    title: 'A hash of Windows 11 SE cannot have been captured like that.',
  },
  'app.not-found': { status: 404, title: 'There is no such application.' },
  'user.not-found': { status: 404, title: 'There is no such user.' },
  'user-group.not-found': { status: 404, title: 'There is no such group of users.' },
  'user-group.exists': { status: 409, title: 'There is a group of users with this id already.' },
  'user-group.assigned': {
    status: 409,
    title: 'An Enrollment Status Page is assigned to the group: take it away first.',
  },
  'user-group.member-unknown': { status: 422, title: 'One of the members does not exist.' },
  'hash.empty': { status: 422, title: 'The hardware hash is empty.' },
  'hash.not-base64': { status: 422, title: 'The hardware hash is not base64.' },
  'hash.too-short': { status: 422, title: 'The hardware hash is too short to identify a device.' },
  'hash.too-long': { status: 422, title: 'The hardware hash is longer than any known form.' },
  'hash.malformed': { status: 422, title: 'The hardware hash is damaged: its records do not add up.' },
  'partner.not-a-maker': { status: 403, title: 'Only who builds devices uploads their hashes.' },
  'hardware.not-found': { status: 404, title: 'There is no such device on file.' },
  'operation.not-found': { status: 404, title: 'There is no such operation.' },
  'operation.closed': { status: 409, title: 'The operation is over: nothing can be said to it any more.' },
  'operation.command-not-taken': { status: 409, title: 'An operation of this kind does not take this command.' },
  'operation.needs-nobody': { status: 409, title: 'The operation does not wait for a decision.' },
  'events.too-many': { status: 503, title: 'Too many event streams are open.' },
  'request.refused': { status: 400, title: 'The request cannot be understood.' },
  'service.unavailable': { status: 503, title: 'The database does not answer at the moment.' },
  internal: { status: 500, title: 'Something went wrong here.' },
} as const satisfies Record<ProblemCode, { status: number; title: string }>;
