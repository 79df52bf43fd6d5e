/** The three states of a step, and the one in which the neighbour said no. Only observed is done. */
export const stepStates = ['requested', 'accepted', 'observed', 'refused'] as const;
export type StepState = (typeof stepStates)[number];

/** The steps of a registration order, in their order. */
export const registrationSteps = ['register', 'precreate_directory_object'] as const;
export type RegistrationStep = (typeof registrationSteps)[number];

/** How what was registered is taken back, in this order. Source: domain.md 8.4: the registration, and nothing else. */
export const removalSteps = ['remove_registration', 'release_directory_object'] as const;
export type RemovalStep = (typeof removalSteps)[number];
