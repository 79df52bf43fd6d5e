import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { cast, contoso, northwind, shellEnvironment, tokensFor, type CastName, type DemoTokens } from './demo/cast.js';
import { enrolDemo } from './demo/enrol-demo.js';
import { loadDemo, type FinishedOrder } from './demo/load-demo.js';
import { onInterruption } from './interruption.js';
import { FolderInUse, Ledger } from './processes/ledger.js';
import { printedProgress } from './progress.js';
import { bringSchedulesUpToDate } from './schedules.js';
import { resetFolder, startStack, type Stack } from './stack.js';
import { defaultFolder, workspaceRoot } from './workspace.js';

/** `npm start`: everything on this machine, a demo in it, until Ctrl-C. `--reset` forgets what earlier starts left. */
const { values } = parseArgs({ options: { reset: { type: 'boolean', default: false } } });
// Absolute: servers of ours work in folders of their own.
const folder = resolve(process.env['GROUNDCREW_FOLDER'] ?? defaultFolder);
const progress = printedProgress();
const interruption = onInterruption(() => {
  Ledger.killEverything();
  process.exit(130);
});

let stack: Stack | undefined;
try {
  if (values.reset) {
    await resetFolder(folder);
    progress.line('Everything of earlier starts is forgotten.');
  }
  progress.line('Starting Groundcrew …');
  stack = await startStack({
    folder,
    supervise: true,
    ports: 'usual',
    reset: values.reset,
    progress,
    signal: interruption.signal,
    // The modelled service takes one sync in ten minutes; nobody who tries something out waits so long.
    extraEnv: { GROUNDCREW_SYNC_INTERVAL_MS: '5000' },
  });
  await bringSchedulesUpToDate(stack);
  const tokens = await tokensFor(stack.mintToken);
  const environmentFile = join(folder, 'demo.env');
  writeFileSync(environmentFile, shellEnvironment(stack.apiUrl, tokens), { mode: 0o600 });
  sayWhereThingsAre(stack, tokens);
  await playDemo(stack, tokens, environmentFile);
  await interruption.happened;
} catch (error) {
  if (!interruption.signal.aborted) {
    process.exitCode = 1;
    console.error(
      error instanceof FolderInUse ? error.message : `Groundcrew did not start: ${(error as Error).message}`,
    );
  }
} finally {
  if (stack !== undefined) progress.line('Stopping …');
  await stack?.stop();
  if (interruption.signal.aborted) progress.line('Everything is stopped.');
}
process.exit();

async function playDemo(running: Stack, tokens: DemoTokens, environmentFile: string): Promise<void> {
  try {
    const { apiUrl } = running;
    const stage = { folder, apiUrl, tokens, progress, signal: interruption.signal };
    const order = await loadDemo(stage);
    const inUse = await enrolDemo(stage, running.databaseUrls.neighbours);
    progress.line(`${order.registered} registered, ${order.rejected} rejected`);
    progress.line(`${inUse.length} of them have started and enrolled.`);
    sayWhatToTry(running, order, inUse, environmentFile);
  } catch (error) {
    if (interruption.signal.aborted) return;
    process.exitCode = 1;
    progress.line(`The demo order failed: ${(error as Error).message}`);
    progress.line(`The logs are in ${inWorkspace(join(folder, 'logs'))}; everything else stays up until Ctrl-C.`);
  }
}

function sayWhereThingsAre({ apiUrl, temporalUiUrl }: Stack, tokens: DemoTokens): void {
  const lines = [
    '',
    `API          ${apiUrl}`,
    `OpenAPI page ${apiUrl}/docs`,
    `Temporal UI  ${temporalUiUrl ?? 'of the server at TEMPORAL_ADDRESS'}`,
    '',
    'Tokens, good for twelve hours:',
    ...Object.entries(cast).map(([name, { says }]) => `${says}: ${tokens[name as CastName]}`),
    '',
  ];
  for (const line of lines) progress.line(line);
}

function sayWhatToTry(
  { apiUrl, temporalUiUrl, temporalNamespace }: Stack,
  { runId }: FinishedOrder,
  inUse: readonly string[],
  environmentFile: string,
): void {
  const lines = [
    '',
    'What to try next, in another terminal:',
    `  source ${inWorkspace(environmentFile)}`,
    `  curl -s -H "Authorization: Bearer $GROUNDCREW_TOKEN" "${apiUrl}/v1/tenants/${contoso.id}/devices?maxpagesize=3"`,
    `  GROUNDCREW_TOKEN=$GROUNDCREW_TOKEN_OEM npm run -s groundcrew -- runs show ${runId}`,
    `  npm run -s groundcrew -- deregister plan ${inUse[0]} --tenant $GROUNDCREW_TENANT --reason end_of_life`,
    ...(temporalUiUrl === undefined
      ? []
      : [`  ${temporalUiUrl}/namespaces/${temporalNamespace}/workflows shows the run as Temporal sees it`]),
    `  The orders of ${northwind.name} are at ${apiUrl}/v1/partners/${northwind.id}/orders (token: GROUNDCREW_TOKEN_OEM).`,
    '',
    'Groundcrew stays up until Ctrl-C.',
  ];
  for (const line of lines) progress.line(line);
}

function inWorkspace(path: string): string {
  return relative(workspaceRoot, path);
}
