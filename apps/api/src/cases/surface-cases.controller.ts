import { Controller, Inject } from '@nestjs/common';
import {
  caseDecline,
  newSurfaceCase,
  runView,
  surfaceCasePage,
  surfaceCaseQuery,
  surfaceCaseView,
  type SurfaceCaseView,
} from '@groundcrew/contracts';
import { decideCase, isProof, serialNumbersIn, type CaseEvent, type SerialsRefusal } from '@groundcrew/domain';
import {
  appendAudit,
  createSealer,
  findCase,
  holdTenant,
  listCases,
  lockCase,
  openCase,
  proofContext,
  readProof,
  saveDecision,
  uuidV7,
  type Sealer,
  type SurfaceCase,
  type Unit,
} from '@groundcrew/persistence';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { momentOf, momentOrNull } from '../routes/moments.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { idKey, keysetOf, pageAnswer } from '../routes/paging.js';
import { acceptedRun } from '../runs/accepted-run.js';
import { acceptCase } from './accept-case.js';

const open = operation({
  id: 'openSurfaceCase',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/surfaceCases',
  tag: 'Surface cases',
  summary: 'Asks to have Surface devices registered: their serial numbers, one per line, and a proof of ownership.',
  permission: 'case.open',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newSurfaceCase },
  answers: { 201: surfaceCaseView },
});

const list = operation({
  id: 'listSurfaceCases',
  method: 'GET',
  path: '/v1/surfaceCases',
  tag: 'Surface cases',
  summary: "Lists the cases in the caller's scope, newest first.",
  permission: 'case.read',
  query: surfaceCaseQuery,
  answers: { 200: surfaceCasePage },
});

const read = operation({
  id: 'readSurfaceCase',
  method: 'GET',
  path: '/v1/surfaceCases/{caseId}',
  tag: 'Surface cases',
  summary: 'Reads a case: where it stands, why, and the run that it became.',
  permission: 'case.read',
  answers: { 200: surfaceCaseView },
});

const proof = operation({
  id: 'readSurfaceCaseProof',
  method: 'GET',
  path: '/v1/surfaceCases/{caseId}/proof',
  tag: 'Surface cases',
  summary: 'The proof of ownership, for whoever decides. Each time is on record.',
  permission: 'case.decide',
  answers: { 200: 'pdf' },
});

const approve = operation({
  id: 'approveSurfaceCase',
  method: 'POST',
  path: '/v1/surfaceCases/{caseId}/approvals',
  tag: 'Surface cases',
  summary: "Registers the devices for the tenant, as far as the maker's uploads know them.",
  permission: 'case.decide',
  headers: ['Idempotency-Key'],
  answers: { 202: runView },
});

const decline = operation({
  id: 'declineSurfaceCase',
  method: 'POST',
  path: '/v1/surfaceCases/{caseId}/declines',
  tag: 'Surface cases',
  summary: 'Declines a case, with the reason that the tenant will read.',
  permission: 'case.decide',
  headers: ['Idempotency-Key'],
  body: { 'application/json': caseDecline },
  answers: { 200: surfaceCaseView },
});

@Controller()
export class SurfaceCasesController {
  readonly #databases: Databases;
  readonly #configuration: Configuration;
  readonly #sealer: Sealer;
  readonly #commands: Commands;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#configuration = configuration;
    this.#sealer = createSealer(configuration.sealingKey);
    this.#commands = commands;
  }

  @Operation(open)
  open(call: CallOf<typeof open>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newSurfaceCase, async (unit, body) => {
      if (!(await holdTenant(unit, tenantId))) throw new ProblemError('tenant.not-found');
      const serials = serialNumbersIn(body.serialNumbers);
      if (!serials.ok) throw serialsProblem(serials.refusal);
      const document = Buffer.from(body.proofOfOwnership.content, 'base64');
      if (!isProof(document)) throw new ProblemError('case.proof');
      const id = uuidV7(Date.now());
      const opened = await openCase(unit, {
        id,
        tenantId,
        domain: body.domain,
        serialNumbers: serials.value,
        openedBy: call.caller.principal,
        sealedProof: this.#sealer.seal(document, proofContext(id)),
      });
      const location = `${this.#configuration.publicUrl}/v1/surfaceCases/${id}`;
      return {
        answer: { status: 201, headers: { location }, body: toCaseView(opened) },
        audit: { tenantId, action: 'case.opened', object: `case/${id}`, data: { devices: serials.value.length } },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, idKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listCases(unit, call.query.state ?? null, page));
    return pageAnswer(call, this.#configuration.publicUrl, slice, toCaseView, ({ id }) => id);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const found = await this.#databases.readAs(call.caller, (unit) => findCase(unit, call.params.caseId!));
    return { status: 200, body: toCaseView(known(found)) };
  }

  @Operation(proof)
  async proof(call: CallOf<typeof proof>): Promise<Answer> {
    const id = call.params.caseId!;
    const sealed = await this.#databases.inScopeOf(call.caller, async (unit) => {
      const { tenantId } = known(await findCase(unit, id));
      const document = (await readProof(unit, id))!;
      const actor = call.caller.principal;
      const entry = { tenantId, actor, action: 'case.proof-read', object: `case/${id}`, data: {} };
      await appendAudit(unit, { ...entry, requestId: call.traceId });
      return document;
    });
    const headers = {
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="proof-${id}.pdf"`,
    };
    return { status: 200, headers, body: this.#sealer.open(sealed, proofContext(id)) };
  }

  @Operation(approve)
  approve(call: CallOf<typeof approve>): Promise<Answer> {
    return this.#commands.perform(call, null, async (unit) => {
      const asked = await this.#decided(unit, call.params.caseId!, 'approve');
      const run = await acceptCase(unit, call.caller.scope, asked, this.#sealer);
      const { id, tenantId } = asked;
      const by = { reason: null, decidedBy: call.caller.principal, runId: run.id };
      await saveDecision(unit, id, { state: 'approved', ...by });
      return {
        answer: acceptedRun(run, call, this.#configuration, `/v1/surfaceCases/${id}`),
        audit: { tenantId, action: 'case.approved', object: `case/${id}`, data: { runId: run.id } },
      };
    });
  }

  @Operation(decline)
  decline(call: CallOf<typeof decline>): Promise<Answer> {
    return this.#commands.perform(call, caseDecline, async (unit, { reason }) => {
      const { id, tenantId } = await this.#decided(unit, call.params.caseId!, 'decline');
      const by = { reason, decidedBy: call.caller.principal, runId: null };
      const declined = await saveDecision(unit, id, { state: 'declined', ...by });
      return {
        answer: { status: 200, headers: {}, body: toCaseView(declined) },
        audit: { tenantId, action: 'case.declined', object: `case/${id}`, data: { reason } },
      };
    });
  }

  /** A case that is held, and may be decided so. */
  async #decided(unit: Unit, id: string, by: CaseEvent): Promise<SurfaceCase> {
    const asked = known(await lockCase(unit, id));
    const decision = decideCase(asked.state, by);
    if (!decision.ok) throw new ProblemError(decision.refusal);
    return asked;
  }
}

function known(found: SurfaceCase | null): SurfaceCase {
  if (found === null) throw new ProblemError('case.not-found');
  return found;
}

function serialsProblem({ code, line }: SerialsRefusal): ProblemError {
  const pointer = line === null ? '/serialNumbers' : `line ${line}`;
  return new ProblemError('case.serials', { errors: [{ pointer, code, message: serialMessages[code] }] });
}

const serialMessages: Record<SerialsRefusal['code'], string> = {
  'case.no-serials': 'No line names a serial number.',
  'case.too-many-serials': 'A case takes up to 1,000 serial numbers: open another one for the rest.',
  'case.serial-malformed': 'A serial number has letters, digits and hyphens.',
};

function toCaseView({ openedBy: _, runId, ...asked }: SurfaceCase): SurfaceCaseView {
  return {
    ...asked,
    operationId: runId,
    createdAt: momentOf(asked.createdAt),
    decidedAt: momentOrNull(asked.decidedAt),
  };
}
