import { bundleWorkflowCode } from '@temporalio/worker';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
let bundle: Promise<{ code: string }> | null = null;

/** The workflows, bundled from their sources. Made once in a suite: it costs most of a second. */
export function workflowBundle(): Promise<{ code: string }> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: resolve(fileURLToPath(import.meta.url), '../../../libs/workflows/src/executed-by-workers.ts'),
    logger: quiet,
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        extensionAlias: { '.js': ['.ts', '.js'] },
        conditionNames: ['groundcrew-source', '...'],
      },
    }),
  });
  return bundle;
}
