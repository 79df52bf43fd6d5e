import { Controller, Inject } from '@nestjs/common';
import {
  appendAudit,
  createSealer,
  failedRowsDays,
  nextFailedRows,
  type Run,
  type Sealer,
} from '@groundcrew/persistence';
import { Readable } from 'node:stream';
import type { Configuration } from '../configuration.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type Call, type CallOf } from '../routes/operation.js';
import { visibleRun } from '../runs/runs.controller.js';
import { FailedRowsFile } from './failed-rows-file.js';

const download = operation({
  id: 'downloadFailedRows',
  method: 'GET',
  path: '/v1/operations/{operationId}/failedRows',
  tag: 'Operations',
  summary:
    'The failed rows as they were sent, with code and fix: a CSV to mend and send again. For whoever sent them, for 30 days.',
  permission: 'failed-rows.read',
  answers: { 200: 'csv' },
});

const dayMilliseconds = 24 * 60 * 60 * 1_000;

@Controller()
export class FailedRowsController {
  readonly #databases: Databases;
  readonly #sealer: Sealer;

  constructor(@Inject(databasesToken) databases: Databases, @Inject(configurationToken) configuration: Configuration) {
    this.#databases = databases;
    this.#sealer = createSealer(configuration.sealingKey);
  }

  /** The one place where hashes leave. That somebody fetches them is on record before the first byte goes. */
  @Operation(download)
  async download(call: CallOf<typeof download>): Promise<Answer> {
    const run = await this.#databases.inScopeOf(call.caller, async (unit) => {
      const run = await visibleRun(unit, call.caller, call.params.operationId!);
      if (run.requestedBy !== call.caller.principal) throw new ProblemError('failed-rows.sender-only');
      if (isPast(run)) throw new ProblemError('failed-rows.gone');
      await appendAudit(unit, {
        tenantId: run.tenantId,
        actor: call.caller.principal,
        action: 'failed-rows.downloaded',
        object: `run/${run.id}`,
        data: {},
        requestId: call.traceId,
      });
      return run;
    });
    return {
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'cache-control': 'no-store',
        'content-disposition': `attachment; filename="failed-rows-${run.id}.csv"`,
      },
      body: Readable.from(this.#written(call, run), { objectMode: false }),
    };
  }

  /** Chunk by chunk, each in a transaction of its own: memory holds one. */
  async *#written(call: Call, run: Run): AsyncGenerator<string> {
    const file = new FailedRowsFile(run, call.caller);
    yield file.header;
    for (let chunk = 0; ;) {
      const next = await this.#databases.readAs(call.caller, (unit) =>
        nextFailedRows(unit, run.id, chunk, this.#sealer),
      );
      if (next === null) return;
      chunk = next.chunk;
      yield next.rows.map((row) => file.line(row)).join('');
    }
  }
}

function isPast({ finishedAt }: Run): boolean {
  return finishedAt !== null && finishedAt !== undefined
    ? new Date(finishedAt).getTime() + failedRowsDays * dayMilliseconds < Date.now()
    : false;
}
