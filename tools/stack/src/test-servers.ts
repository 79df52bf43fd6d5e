import type { SharedServers } from './stack.js';

/** The servers that `npm test` has started, as it tells the suites about them. */
export function sharedTestServers(): SharedServers {
  return {
    adminUrl: variable('GROUNDCREW_TEST_ADMIN_URL'),
    passwords: JSON.parse(variable('GROUNDCREW_TEST_PASSWORDS')) as SharedServers['passwords'],
    temporalAddress: variable('GROUNDCREW_TEST_TEMPORAL_ADDRESS'),
  };
}

/** The same the other way round: what the suites find in their environment. */
export function testEnvironment(servers: SharedServers, template: string): Record<string, string> {
  return {
    GROUNDCREW_TEST_ADMIN_URL: servers.adminUrl,
    GROUNDCREW_TEST_PASSWORDS: JSON.stringify(servers.passwords),
    GROUNDCREW_TEST_TEMPORAL_ADDRESS: servers.temporalAddress,
    GROUNDCREW_TEST_TEMPLATE: template,
  };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run this suite through \`npm test -- --only <path>\`.`);
  return value;
}
