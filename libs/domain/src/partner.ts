/** The kinds of partner the service knows. Source: domain.md 2.1, 2.2. */
export const partnerKinds = ['oem', 'direct_bill', 'indirect_provider', 'indirect_reseller', 'distributor'] as const;
export type PartnerKind = (typeof partnerKinds)[number];

/** Only an active partner acts; suspended and ended ones keep what they registered. */
export const partnerStatuses = ['active', 'suspended', 'ended'] as const;
export type PartnerStatus = (typeof partnerStatuses)[number];
