import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Who may import whom. A new arrow is a decision record in docs/decisions, then a line here. */
const borders = {
  domain: [],
  matching: ['domain'],
  contracts: ['domain'],
  workflows: ['domain', 'matching', 'contracts'],
  persistence: ['domain', 'matching'],
  subsystems: ['domain'],
  api: ['domain', 'matching', 'contracts', 'workflows', 'persistence', 'subsystems'],
  worker: ['domain', 'matching', 'contracts', 'workflows', 'persistence', 'subsystems'],
  neighbours: ['domain', 'subsystems'],
  cli: ['contracts', 'domain', 'matching'],
  fleet: ['domain', 'matching'],
  stack: ['persistence', 'subsystems', 'fleet'],
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.groundcrew/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    // Nest reads the types of constructor parameters at run time: without these two, lint takes their imports for types only.
    languageOptions: { parserOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: Object.entries(borders).map(([name, allowed]) => ({
            sourceTag: `name:${name}`,
            onlyDependOnLibsWithTags: allowed.map((other) => `name:${other}`),
          })),
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals: it needs no code.' },
      ],
    },
  },
  {
    // Rules take values and return decisions: no clock, no randomness, no package.
    files: ['libs/domain/src/**/*.ts', 'libs/matching/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals: it needs no code.' },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is an argument.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument.' },
        { object: 'Math', property: 'random', message: 'Randomness is an argument.' },
      ],
      'no-restricted-imports': ['error', { patterns: ['node:*', 'pg', '@mikro-orm/*', '@nestjs/*', '@temporalio/*', 'zod'] }],
    },
  },
  {
    files: ['libs/workflows/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*', 'pg', '@mikro-orm/*', '@nestjs/*', 'zod', '@temporalio/worker', '@temporalio/client'] }],
    },
  },
  {
    // A test may reach for the support that every suite shares; what it tests keeps its borders.
    files: ['**/*.spec.ts', '**/*.contract.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  prettier,
);
