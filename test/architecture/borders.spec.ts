import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { workflowBundle } from '../support/workflow-bundle.js';
import { sourceFilesOf, workspaceImportsOf, workspaceRoot } from './sources.js';

describe('the borders between projects', () => {
  it('domain imports nothing', () => {
    const imports = sourceFilesOf('libs/domain').flatMap((file) =>
      importsIn(file).filter((name) => !name.startsWith('.')),
    );
    expect(imports).toEqual([]);
  });

  it('matching imports domain at most', () => {
    const imports = sourceFilesOf('libs/matching')
      .filter((file) => !file.includes('/oa3/'))
      .flatMap((file) => importsIn(file).filter((name) => !name.startsWith('.')));
    expect(imports.filter((name) => name !== '@groundcrew/domain')).toEqual([]);
  });

  it('only persistence, subsystems and those who wire them open database connections', () => {
    const allowed =
      /^(libs\/(persistence|subsystems)\/|apps\/(worker|neighbours)\/|apps\/api\/src\/deregistrations\/neighbours\.ts|tools\/stack\/)/;
    const strangers = allSources().filter(
      (file) => importsIn(file).some((name) => name === 'pg') && !allowed.test(relative(workspaceRoot, file)),
    );
    expect(strangers).toEqual([]);
  });

  it('who executes runs loads no entity manager', () => {
    const executing = sourceFilesOf('apps/worker');
    const whole = executing.filter((file) => loadedBy(file).includes('@groundcrew/persistence'));
    expect(whole.map((file) => relative(workspaceRoot, file))).toEqual([]);
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const name of loadedBy(file))
        if (name.startsWith('.')) visit(join(file, '..', name.replace(/\.js$/, '.ts')));
    };
    visit(join(workspaceRoot, 'libs/persistence/src/without-orm.ts'));
    expect(seen.size).toBeGreaterThan(50);
    const packages = new Set([...seen].flatMap((file) => loadedBy(file).filter((name) => !name.startsWith('.'))));
    expect([...packages].filter((name) => /^(@mikro-orm\/|kysely$)/.test(name))).toEqual([]);
  });

  it('only the API knows HTTP frameworks', () => {
    const strangers = allSources().filter(
      (file) =>
        importsIn(file).some((name) => /^(fastify|@fastify\/|@nestjs\/platform-)/.test(name)) &&
        !file.includes('/apps/api/'),
    );
    expect(strangers).toEqual([]);
  });

  it('nothing goes round in a circle', () => {
    const projects = ['libs', 'apps', 'tools'].flatMap((folder) =>
      readdirSync(join(workspaceRoot, folder)).map((name) => ({ name, folder: join(folder, name) })),
    );
    const arrows = new Map(projects.map(({ name, folder }) => [name, workspaceImportsOf(folder)]));
    const onPath: string[] = [];
    const circles: string[] = [];
    const visit = (name: string): void => {
      if (onPath.includes(name)) {
        circles.push([...onPath.slice(onPath.indexOf(name)), name].join(' → '));
        return;
      }
      onPath.push(name);
      for (const next of arrows.get(name) ?? []) visit(next);
      onPath.pop();
    };
    for (const { name } of projects) visit(name);
    expect(circles).toEqual([]);
  });

  it('lint refuses an arrow that is not drawn', async () => {
    const eslint = new ESLint({ cwd: workspaceRoot });
    const [result] = await eslint.lintText(
      "import { prepareDatabase } from '@groundcrew/persistence';\nvoid prepareDatabase;\n",
      {
        filePath: join(workspaceRoot, 'libs/subsystems/src/index.ts'),
      },
    );
    expect(result!.messages.map((message) => message.ruleId)).toContain('@nx/enforce-module-boundaries');
  });

  it('reads the environment in the configuration files alone', () => {
    const allowed = /(configuration\.ts|tools\/stack\/|apps\/cli\/|main\.ts|relay\.ts|worker\/src\/schedules\.ts)/;
    const readers = allSources().filter(
      (file) => /process\.env\b/.test(readFileSync(file, 'utf8')) && !allowed.test(file),
    );
    expect(readers.map((file) => relative(workspaceRoot, file))).toEqual([]);
  });
});

describe('the workflow bundle', () => {
  it('can be made, holds only what is deterministic, and stays small', async () => {
    const { code } = await workflowBundle();
    expect(code).toContain('registrationOrder');
    for (const forbidden of ['node_modules/zod/', 'node_modules/pg/', '@mikro-orm', '@nestjs'])
      expect(code).not.toContain(forbidden);
    expect(Buffer.byteLength(code)).toBeLessThan(2_500_000);
  });
});

describe('names', () => {
  it('no folder or file is called by a word that says nothing', () => {
    const vague = /^(utils?|helpers?|common|misc|shared|core|base|manager)(\.ts)?$/;
    const found: string[] = [];
    const walk = (folder: string): void => {
      for (const name of readdirSync(folder)) {
        if (['node_modules', 'dist', '.git', '.nx', '.groundcrew'].includes(name)) continue;
        const path = join(folder, name);
        if (vague.test(name)) found.push(relative(workspaceRoot, path));
        if (statSync(path).isDirectory()) walk(path);
      }
    };
    for (const folder of ['apps', 'libs', 'tools', 'test', 'deploy']) walk(join(workspaceRoot, folder));
    expect(found).toEqual([]);
  });
});

function allSources(): string[] {
  return ['libs', 'apps', 'tools'].flatMap((folder) => sourceFilesOf(folder));
}

/** What a file imports, as the compiler reads it. */
function importsIn(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map((imported) => imported.fileName);
}

/** What of that is loaded when it runs: types are not. */
function loadedBy(file: string): string[] {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true },
  });
  return ts.preProcessFile(outputText).importedFiles.map((imported) => imported.fileName);
}
