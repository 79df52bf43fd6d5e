import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { prepareDatabase } from '@groundcrew/persistence/prepare-database';
import { urlFor } from '@groundcrew/persistence/without-orm';
import { prepareDirectory } from '@groundcrew/subsystems';
import pg from 'pg';

import { ephemeralFolder, removeEphemeralFolder } from '../ephemeral.js';
import type { Progress } from '../progress.js';
import { secretsOf } from '../secrets.js';
import { startStack, type Stack } from '../stack.js';
import { childEnvironment, nodeBinary, workspaceRoot } from '../workspace.js';
import { freeOwnersOfPolicies } from './left-behind.js';
import type { Watched } from './processes.js';
import { setTheScene, tokensOf } from './scene.js';

/** The product on servers of its own, and what stands beside it: a second database on the same server, and a bare intake. */
export interface Stage {
  folder: string;
  stack: Stack;
  /** Past all policies. */
  product: pg.Pool;
  bare: pg.Pool;
  bareIntakeUrl: string;
  watched: Watched;
  pipeline: string;
  reader: string;
  stop(): Promise<void>;
}

/** On how many connections the product writes an order's chunks, and so on how many the bare COPY does. */
export const connections = 3;
const productName = 'orders';
const bareName = 'orders_bare';

export async function openStage(progress: Progress, signal: AbortSignal): Promise<Stage> {
  const folder = ephemeralFolder('orders');
  const stops: (() => unknown)[] = [() => removeEphemeralFolder(folder)];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).toReversed()) await step();
  };
  try {
    const stack = await startStack({
      folder,
      supervise: false,
      ports: 'free',
      servers: 'own',
      database: productName,
      extraEnv: { GROUNDCREW_BULK_ACTIVITIES: String(connections) },
      progress,
      signal,
    });
    stops.push(() => stack.stop());
    const { passwords } = secretsOf(folder);
    await prepareDatabase({ adminUrl: stack.adminUrl, database: bareName, passwords });
    const open = (name: string): pg.Pool => {
      const url = new URL(stack.adminUrl);
      url.pathname = `/${name}`;
      const pool = new pg.Pool({ connectionString: url.href, max: connections + 2 });
      pool.on('error', () => undefined);
      stops.push(() => pool.end());
      return pool;
    };
    const [product, bare] = [open(productName), open(bareName)];
    const neighbours = new pg.Pool({
      connectionString: urlFor(stack.adminUrl, bareName, 'neighbours', passwords.neighbours),
      max: 1,
    });
    await prepareDirectory(neighbours);
    await neighbours.end();
    await setTheScene(product);
    await setTheScene(bare);
    await freeOwnersOfPolicies(bare);

    const intake = startBareIntake(urlFor(stack.adminUrl, bareName, 'owner', passwords.owner));
    stops.push(() => intake.kill('SIGKILL'));
    await bare.query('grant create on schema public to groundcrew_owner');
    const { api, worker, relay, neighbours: neighbour } = stack.apps;
    return {
      folder,
      stack,
      product,
      bare,
      bareIntakeUrl: `http://127.0.0.1:${await portOf(intake)}`,
      watched: {
        api: api.pid!,
        worker: worker.pid!,
        relay: relay.pid!,
        neighbours: neighbour.pid!,
        temporal: stack.temporal!.pid!,
        postgres: stack.postgres!.pid!,
        bench: process.pid,
        bareIntake: intake.pid!,
      },
      ...(await tokensOf(stack.mintToken)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startBareIntake(databaseUrl: string): ChildProcess {
  return spawn(nodeBinary, [join(workspaceRoot, 'tools/stack/dist/bench-orders/bare-intake.js'), databaseUrl], {
    cwd: workspaceRoot,
    env: childEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

async function portOf(intake: ChildProcess): Promise<number> {
  const [line] = (await once(intake.stdout!.setEncoding('utf8'), 'data')) as [string];
  return Number(line);
}
