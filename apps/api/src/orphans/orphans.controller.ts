import { Controller, Inject } from '@nestjs/common';
import { orphanPage, orphanQuery, orphanScan, runView, type OrphanView } from '@groundcrew/contracts';
import { proposedRepair } from '@groundcrew/domain';
import { findRun, listOrphans, requestOrphanScan, type OrphanFinding } from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { acceptedRun } from '../runs/accepted-run.js';

const list = operation({
  id: 'listOrphans',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/orphans',
  tag: 'Orphans',
  summary: 'Lists what lies in one store without its counterpart in another, with evidence and what repairs it.',
  permission: 'orphan.read',
  query: orphanQuery,
  answers: { 200: orphanPage },
});

const scan = operation({
  id: 'scanOrphans',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/orphanScans',
  tag: 'Orphans',
  summary:
    'Compares registration, directory, management and partner view; while a scan is under way, that one is the answer.',
  permission: 'orphan.scan',
  headers: ['Idempotency-Key'],
  body: { 'application/json': orphanScan },
  answers: { 202: runView },
});

@Controller()
export class OrphansController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #configuration: Configuration;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#commands = commands;
    this.#configuration = configuration;
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const filter = { class: call.query.class ?? null, resolved: call.query.resolved === 'true' };
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listOrphans(unit, call.params.tenantId!, filter, page),
    );
    return pageAnswer(call, this.#configuration.publicUrl, slice, toOrphanView, ({ id }) => id);
  }

  @Operation(scan)
  scan(call: CallOf<typeof scan>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, orphanScan, async (unit, { repair = [] }) => {
      const { runId, isNew } = await requestOrphanScan(
        (sql, values) => unit.query(sql, values),
        tenantId,
        call.caller.principal,
        repair,
      );
      unit.em.clear();
      const run = (await findRun(unit, runId))!;
      return {
        answer: acceptedRun(run, call, this.#configuration),
        audit: isNew ? { tenantId, action: 'orphans.scan', object: `run/${runId}`, data: { repair } } : null,
      };
    });
  }
}

function toOrphanView(finding: OrphanFinding): OrphanView {
  return {
    id: finding.id,
    class: finding.class,
    subject: finding.subject,
    registrationId: finding.registrationId,
    serialNumber: finding.serialNumber,
    evidence: finding.evidence,
    proposal: proposedRepair(finding),
    firstSeenAt: momentOf(finding.firstSeenAt),
    lastSeenAt: momentOf(finding.lastSeenAt),
    resolvedAt: momentOrNull(finding.resolvedAt),
    operationId: finding.runId,
  };
}
