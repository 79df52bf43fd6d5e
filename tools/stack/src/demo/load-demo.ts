import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import type { Progress } from '../progress.js';
import { childEnvironment, nodeBinary, workspaceRoot } from '../workspace.js';
import { cast, contoso, fabrikam, northwind, type CastName, type DemoTokens } from './cast.js';

const PURCHASE_ORDER = 'PO-1001';
/** Fixed: the same order sent again is the same order. */
const ORDER_KEY = 'groundcrew-demo-order-1';
const ORDER = ['--seed', '7', '--devices', '3000', '--bad', '12', '--format', 'jsonl'];

export interface DemoStage {
  folder: string;
  apiUrl: string;
  tokens: DemoTokens;
  progress: Progress;
  signal: AbortSignal;
}

/** The demo's order in numbers, and where to look at it. */
export interface FinishedOrder {
  runId: string;
  registered: number;
  rejected: number;
}

/** Sets the scene and sends the first order, all through the public API by the CLI; what is there already stays. */
export async function loadDemo(stage: DemoStage): Promise<FinishedOrder> {
  const known = await storedOrder(stage);
  if (known !== undefined) {
    stage.progress.line('The demo order was finished by an earlier start.');
    return known;
  }
  await setTheScene(stage);
  const file = await orderFile(stage);
  stage.progress.line(`Sending the order ${PURCHASE_ORDER} for ${contoso.name} …`);
  const code = await cli(stage, 'pipeline', [
    'orders',
    'submit',
    file,
    ...['--partner', northwind.id, '--tenant', contoso.id, '--purchase-order', PURCHASE_ORDER],
    ...['--key', ORDER_KEY, '--watch'],
  ]);
  const finished = await sentOrder(stage);
  // One says that rows were rejected, and twelve of them are meant to be.
  if (finished === undefined || code > 1) throw new Error(`the CLI ended with ${code} before the order was finished`);
  remember(stage.folder, finished.runId);
  return finished;
}

async function setTheScene(stage: DemoStage): Promise<void> {
  for (const tenant of [contoso, fabrikam]) {
    if (await exists(stage, 'operator', `/v1/tenants/${tenant.id}`)) continue;
    await cliOrFail(stage, 'operator', ['tenants', 'create', '--id', tenant.id, '--display-name', tenant.name]);
  }
  if (!(await exists(stage, 'operator', `/v1/partners/${northwind.id}`))) {
    await cliOrFail(stage, 'operator', [
      ...['partners', 'create', '--id', northwind.id, '--kind', 'oem', '--display-name', northwind.name],
      ...['--directory-tenant', northwind.directoryTenantId],
    ]);
  }
  if (!(await isConsented(stage))) {
    await cliOrFail(stage, 'owner', ['consents', 'grant', '--tenant', contoso.id, '--partner', northwind.id]);
  }
}

async function orderFile({ folder, progress, signal }: DemoStage): Promise<string> {
  const file = join(folder, 'demo', 'order.jsonl');
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  progress.line(`Writing an order of ${ORDER[3]} devices with hashes of real shape (tools/fleet) …`);
  const draft = `${file}.draft`;
  await promisify(execFile)(
    nodeBinary,
    [join(workspaceRoot, 'tools/fleet/dist/main.js'), 'order', ...ORDER, '--out', draft],
    { cwd: workspaceRoot, env: childEnvironment(), signal },
  );
  renameSync(draft, file);
  return file;
}

async function storedOrder(stage: DemoStage): Promise<FinishedOrder | undefined> {
  const file = stateFile(stage.folder);
  if (!existsSync(file)) return undefined;
  return finishedRun(stage, (JSON.parse(readFileSync(file, 'utf8')) as { runId: string }).runId);
}

/** The order as the service knows it, by what its sender calls it. */
async function sentOrder(stage: DemoStage): Promise<FinishedOrder | undefined> {
  interface Orders {
    value: { purchaseOrderIdentifier: string | null; operations: string[] }[];
  }
  const orders = await read<Orders>(stage, 'pipeline', `/v1/partners/${northwind.id}/orders`);
  const order = orders?.value.find(({ purchaseOrderIdentifier }) => purchaseOrderIdentifier === PURCHASE_ORDER);
  const runId = order?.operations[0];
  return runId === undefined ? undefined : finishedRun(stage, runId);
}

async function finishedRun(stage: DemoStage, runId: string): Promise<FinishedOrder | undefined> {
  const run = await read<{ done: boolean; registered: number; rejected: number }>(
    stage,
    'pipeline',
    `/v1/operations/${runId}`,
  );
  return run?.done === true ? { runId, registered: run.registered, rejected: run.rejected } : undefined;
}

async function isConsented(stage: DemoStage): Promise<boolean> {
  interface Consents {
    value: { partnerId: string; state: string }[];
  }
  const consents = await read<Consents>(stage, 'owner', `/v1/tenants/${contoso.id}/consents`);
  return consents?.value.some(({ partnerId, state }) => partnerId === northwind.id && state === 'granted') ?? false;
}

async function exists(stage: DemoStage, as: CastName, path: string): Promise<boolean> {
  return (await read(stage, as, path)) !== undefined;
}

async function read<T>(stage: DemoStage, as: CastName, path: string): Promise<T | undefined> {
  const response = await fetch(`${stage.apiUrl}${path}`, {
    headers: { authorization: `Bearer ${stage.tokens[as]}` },
    signal: AbortSignal.any([stage.signal, AbortSignal.timeout(30_000)]),
  });
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new Error(`GET ${path} as ${cast[as].says}: HTTP ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

function remember(folder: string, runId: string): void {
  const file = stateFile(folder);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ runId }));
}

function stateFile(folder: string): string {
  return join(folder, 'demo', 'state.json');
}

async function cliOrFail(stage: DemoStage, as: CastName, args: string[]): Promise<void> {
  const code = await cli(stage, as, args);
  if (code !== 0) throw new Error(`groundcrew ${args.slice(0, 2).join(' ')} ended with ${code}`);
}

/** What the CLI notes on the way is shown as it comes, its bar included; of its results the total is left for the end. */
function cli(stage: DemoStage, as: CastName, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeBinary, [join(workspaceRoot, 'apps/cli/bin/groundcrew.mjs'), ...args], {
      cwd: workspaceRoot,
      env: childEnvironment({ GROUNDCREW_API_URL: stage.apiUrl, GROUNDCREW_TOKEN: stage.tokens[as] }),
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: stage.signal,
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!/^\d+ registered, \d+ rejected$/.test(line)) stage.progress.line(line);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 130));
  });
}
