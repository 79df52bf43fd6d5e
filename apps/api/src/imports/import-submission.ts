import { Injectable } from '@nestjs/common';
import { readOa3Xml, type Oa3RejectionCode } from '@groundcrew/matching/oa3-xml';
import { acceptRun, holdTenant, type RunDefaults, type Unit } from '@groundcrew/persistence';
import type { Outcome } from '../idempotency/commands.js';
import type { ArrivingBody } from '../idempotency/request-body.js';
import { formatOf, rowFormats } from '../intake/body-formats.js';
import { Intake, type Arrived, type Arriving } from '../intake/intake.js';
import { defaultsOf } from '../orders/json-order.js';
import { ProblemError } from '../problems/problem.error.js';
import type { Answer, Call } from '../routes/operation.js';
import type { SubmitImport } from './imports.controller.js';

const formats = { ...rowFormats, 'application/xml': 'oa3', 'text/xml': 'oa3' } as const;

/** What a tenant says about an import beside its rows. */
export interface ImportTerms {
  tenantId: string;
  defaults: RunDefaults;
  validateOnly: boolean;
}

/** Takes in what a tenant registers itself. */
@Injectable()
export class ImportSubmission {
  readonly #intake: Intake;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  submit(call: SubmitImport): Promise<Answer> {
    const format = formatOf(call, formats);
    const { validateOnly = false, ...defaults } = call.query;
    const terms = { tenantId: call.params.tenantId!, defaults: defaultsOf(defaults), validateOnly };
    return this.#intake.take(call, [format], async ({ body }) =>
      this.arriving(call, terms, {
        ...(format === 'oa3'
          ? { format: 'jsonl' as const, chunks: [await rowOfReport(body)] }
          : { format, chunks: body.chunks() }),
        digest: () => body.digest,
      }),
    );
  }

  /** An import's rows on their way in, from wherever they come. @throws ProblemError where the tenant is not here any more */
  async arriving(
    call: Call<unknown>,
    terms: ImportTerms,
    rows: Pick<Arriving, 'format' | 'chunks' | 'digest'>,
  ): Promise<Arriving> {
    await this.#intake.ask(call, (unit) => tenantIsHere(unit, terms.tenantId));
    return {
      ...rows,
      owner: { tenantId: terms.tenantId, partnerId: null },
      needs: ({ columns }) => (columns.includes('hardwareIdentifier') ? null : needsHash()),
      accept: (unit, arrived) => this.#accept(unit, call, terms, arrived),
    };
  }

  async #accept(unit: Unit, call: Call<unknown>, terms: ImportTerms, arrived: Arrived): Promise<Outcome> {
    const { tenantId, validateOnly } = terms;
    await tenantIsHere(unit, tenantId);
    const nobody = { partnerId: null, orderId: null, consentId: null };
    const run = await acceptRun(unit, { ...arrived, ...terms, ...nobody, kind: 'import' });
    return {
      answer: this.#intake.accepted(run, call),
      audit: {
        tenantId,
        action: validateOnly ? 'import.validated' : 'import.accepted',
        object: `run/${run.id}`,
        data: { received: arrived.received, bodyDigest: arrived.bodyDigest.toString('hex') },
      },
    };
  }
}

async function tenantIsHere(unit: Unit, tenantId: string): Promise<void> {
  if (!(await holdTenant(unit, tenantId))) throw new ProblemError('tenant.not-found');
}

function needsHash(): ProblemError {
  const message = 'Administrators register by hardware hash, and no column brings one.';
  return new ProblemError('order.csv-header', {
    detail: message,
    errors: [{ pointer: 'header', code: 'csv.columns-missing', message }],
  });
}

/** Longest OA3 report: what the reader takes, in the longest encoding. */
const mostReportBytes = 512 * 1024;

const oa3Problems: Record<Oa3RejectionCode, string> = {
  'oa3.too-long': 'The report is longer than any that the tool writes.',
  'oa3.not-xml': 'The body is no XML.',
  'oa3.not-a-report': 'The XML is no report of the OA3 tool.',
};

/** The one device of an OA3 report, as a row. @throws ProblemError where it is none, or holds no hash */
async function rowOfReport(body: ArrivingBody): Promise<Buffer> {
  const bytes = await body.whole(mostReportBytes);
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const read = readOa3Xml(new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes));
  if (!read.ok) throw new ProblemError('import.oa3', { detail: oa3Problems[read.rejection.code] });
  if (read.hardwareHash === '') {
    throw new ProblemError('import.oa3', {
      detail: 'The report holds no HardwareHash, and a device is registered by it.',
    });
  }
  return Buffer.from(`${JSON.stringify({ hardwareIdentifier: read.hardwareHash })}\n`);
}
