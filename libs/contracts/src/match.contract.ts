import { z } from 'zod';
import { fieldLimits } from '@groundcrew/domain';
import { identifier, moment } from './identifiers.contract.js';

const text = (most: number) => z.string().trim().min(1).max(most);
const { manufacturer, model, serialNumber, productKey } = fieldLimits;

/** Which device is this? Asked with a hash, or with what an order row says where nobody has one. */
export const matchQuestion = z
  .union(
    [
      z.strictObject({ hardwareIdentifier: z.string() }),
      z.strictObject({ manufacturer: text(manufacturer), model: text(model), serialNumber: text(serialNumber) }),
      z.strictObject({ productKey: text(productKey), serialNumber: text(serialNumber).optional() }),
    ],
    {
      error:
        'Send hardwareIdentifier alone, or manufacturer, model and serialNumber, or productKey with or without serialNumber.',
    },
  )
  .meta({ id: 'DeviceMatchQuestion' });
export type MatchQuestion = z.infer<typeof matchQuestion>;

export const matchOutcome = z.enum(['match', 'review', 'no_match']);
export type MatchOutcomeView = z.infer<typeof matchOutcome>;

/** What was read. Values that name a device are masked; the hash itself never comes back. */
export const decodedView = z.strictObject({
  form: z.enum(['hardware-hash', 'envelope', 'tuple', 'product-key', 'unknown']),
  level: z.enum(['full', 'partial', 'opaque']),
  trailer: z.enum(['verified', 'mismatch', 'absent']).nullable(),
  collectedAt: moment.nullable(),
  findings: z.array(z.string()),
  unknownRecords: z.int(),
  groups: z.array(z.strictObject({ group: z.string(), name: z.string(), values: z.array(z.string()) })),
  /** What was left out of comparison, and why. */
  ignored: z.array(z.strictObject({ reason: z.string(), shown: z.string() })),
});
export type DecodedView = z.infer<typeof decodedView>;

/** One kind of evidence beside that of a registered device. */
export const matchGroupView = z.strictObject({
  group: z.string(),
  name: z.string(),
  state: z.enum(['agree', 'disagree', 'missing', 'contested', 'mixed']),
  bits: z.number(),
  observed: z.array(z.string()),
  registered: z.array(z.string()),
  reason: z.string(),
});
export type MatchGroupView = z.infer<typeof matchGroupView>;

/** A device of the tenant that was compared. */
export const ownCandidateView = z.strictObject({
  elsewhere: z.literal(false),
  deviceId: identifier,
  serialNumber: z.string(),
  outcome: matchOutcome,
  rule: z.string(),
  says: z.string(),
  cap: z.string().nullable(),
  bits: z.number(),
  posterior: z.number(),
  agree: z.array(z.string()),
  disagree: z.array(z.string()),
  missing: z.array(z.string()),
  contested: z.array(z.string()),
  groups: z.array(matchGroupView),
  /** The smallest change of evidence that would change the outcome; null where no single one does. */
  flip: z
    .strictObject({
      group: z.string(),
      from: z.string(),
      to: z.enum(['agree', 'disagree', 'missing']),
      outcome: matchOutcome,
      rule: z.string(),
    })
    .nullable(),
});
export type OwnCandidateView = z.infer<typeof ownCandidateView>;

/** There is such a device, or one like it, and it is not the tenant's. Nothing more is said of it. */
export const elsewhereCandidateView = z.strictObject({ elsewhere: z.literal(true), outcome: matchOutcome });

export const matchView = z
  .strictObject({
    outcome: matchOutcome,
    /** The tenant's own device: the one it is, or the likeliest where a person must look. */
    deviceId: identifier.nullable(),
    ruleset: z.string(),
    weights: z.string(),
    /** Null where no device of the tenant's was compared, or the answer comes from somebody else's. */
    rule: z.string().nullable(),
    says: z.string(),
    /** Bits between the best candidate and the next, where both are the tenant's. */
    margin: z.number().nullable(),
    /** Parts of the report were seen on a device of the tenant that it does not match. */
    partSeenBefore: z.boolean(),
    decoded: decodedView,
    /** Best first. */
    candidates: z.array(z.discriminatedUnion('elsewhere', [ownCandidateView, elsewhereCandidateView])),
  })
  .meta({ id: 'DeviceMatch' });
export type MatchView = z.infer<typeof matchView>;
