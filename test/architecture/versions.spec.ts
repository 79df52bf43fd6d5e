import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './sources.js';

interface Lock {
  packages: Record<string, { version?: string; hasInstallScript?: boolean; optional?: boolean; link?: boolean }>;
}
const lock = JSON.parse(readFileSync(join(workspaceRoot, 'package-lock.json'), 'utf8')) as Lock;
const manifest = JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};

const installed = Object.entries(lock.packages)
  .filter(([path]) => path.includes('node_modules/'))
  .map(([path, entry]) => ({
    path,
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    ...entry,
  }));
const versionsOf = (select: (name: string) => boolean) => [
  ...new Set(installed.filter(({ name }) => select(name)).map(({ version }) => version)),
];

describe('versions', () => {
  it('all of Temporal is one version', () => {
    expect(versionsOf((name) => name.startsWith('@temporalio/'))).toEqual(['1.23.0']);
  });

  it('all of MikroORM but its Nest adapter is one version', () => {
    expect(versionsOf((name) => name.startsWith('@mikro-orm/') && name !== '@mikro-orm/nestjs')).toEqual(['7.2.1']);
  });

  it('Temporal has one copy of its wire format, or histories could not be written down', () => {
    expect(installed.filter(({ path }) => /@temporalio\/[a-z]+\/node_modules\/protobufjs$/.test(path))).toEqual([]);
  });

  it('there is one PostgreSQL driver', () => {
    expect(installed.filter(({ name }) => name === 'pg')).toHaveLength(1);
  });

  it('every pin is exact', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('every install script is allowed by name', () => {
    const running = installed.filter((entry) => entry.hasInstallScript === true).map(({ name }) => name);
    expect(running.filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
  });
});
