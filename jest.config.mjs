/**
 * One jest process for the whole repository: suites that need PostgreSQL or Temporal share the servers that
 * `npm test` started (addresses in GROUNDCREW_TEST_*), so they are started once and not once per project.
 */
const transform = {
  '^.+\\.(t|j)s$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        target: 'es2024',
        keepClassNames: true,
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
      swcrc: false,
    },
  ],
};

const project = (displayName, testMatch) => ({
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['groundcrew-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  transformIgnorePatterns: ['/node_modules/'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.nx/', '<rootDir>/.groundcrew/'],
});

export default {
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/longest-first.mjs',
  projects: [
    project('rules', ['libs/{domain,matching,contracts}/src/**/*.spec.ts', 'tools/*/src/**/*.spec.ts']),
    project('architecture', ['test/architecture/**/*.spec.ts']),
    project('stores', ['libs/{persistence,subsystems}/src/**/*.spec.ts']),
    project('workflows', ['libs/workflows/src/**/*.spec.ts']),
    project('apps', ['apps/*/src/**/*.spec.ts']),
    project('system', ['test/system/**/*.spec.ts']),
    project('faults', ['test/faults/**/*.spec.ts']),
  ],
};
