// Bundles the built workflows for the sandbox. Run by `nx run workflows:build`; the worker loads the result as it is.
import { bundleWorkflowCode } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };
const { code } = await bundleWorkflowCode({ workflowsPath: here('./dist/executed-by-workers.js'), logger: quiet });
await writeFile(here('./dist/workflow-bundle.js'), code);
