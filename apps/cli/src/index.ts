export { runCli } from './program.js';
export type { CliWorld } from './world.js';
