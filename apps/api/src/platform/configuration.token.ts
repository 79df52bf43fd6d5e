/** Under which the configuration is handed to whoever needs it. */
export const configurationToken = Symbol('configuration');
