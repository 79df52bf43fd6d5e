/** The three states of a step, and the one in which the neighbour said no. Only observed is done. */
export const stepStates = ['requested', 'accepted', 'observed', 'refused'] as const;
export type StepState = (typeof stepStates)[number];

/** The steps of a registration order, in their order. */
export const registrationSteps = ['register', 'precreate_directory_object'] as const;
export type RegistrationStep = (typeof registrationSteps)[number];
