import type { RunKind } from '@groundcrew/domain';
import { createSealer, partContext, uuidV7, type Candidate, type Sealer } from '@groundcrew/persistence';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';

/** Writes what a test needs to exist, past all policies: the administrator's connection. */
export interface Registry {
  admin: pg.Pool;
  sealer: Sealer;
  aTenant(): Promise<string>;
  aPartner(status?: string): Promise<string>;
  aConsent(tenantId: string, partnerId: string, state?: string): Promise<void>;
  /** An accepted order whose parts hold these lines. */
  anOrder(order: AnOrder): Promise<string>;
  close(): Promise<void>;
}

export interface AnOrder {
  tenantId: string;
  /** Null: what the tenant imports itself. */
  partnerId: string | null;
  parts: string[][];
  validateOnly?: boolean;
  kind?: RunKind;
}

export function openRegistry(adminUrl: string, sealer: Sealer = createSealer(randomBytes(32))): Registry {
  const admin = new pg.Pool({ connectionString: adminUrl, max: 3 });
  admin.on('error', () => undefined);
  return {
    admin,
    sealer,
    async aTenant() {
      const id = randomUUID();
      await admin.query(`insert into registry.tenant (id, kind, display_name) values ($1, 'organisation', 'Contoso')`, [
        id,
      ]);
      return id;
    },
    async aPartner(status = 'active') {
      const id = randomUUID();
      await admin.query(
        `insert into registry.partner (id, kind, display_name, directory_tenant_id, status) values ($1, 'oem', 'Northwind', $2, $3)`,
        [id, randomUUID(), status],
      );
      return id;
    },
    async aConsent(tenantId, partnerId, state = 'granted') {
      await admin.query('insert into registry.consent (id, tenant_id, partner_id, state) values ($1, $2, $3, $4)', [
        randomUUID(),
        tenantId,
        partnerId,
        state,
      ]);
    },
    async anOrder({ tenantId, partnerId, parts, validateOnly = false, kind }) {
      const runId = uuidV7(Date.now());
      await admin.query(
        `insert into registry.intake (id, principal, tenant_id, accepted, lease_until) values ($1, 'test', $2, true, now())`,
        [runId, tenantId],
      );
      let line = 1;
      for (const [index, lines] of parts.entries()) {
        const body = sealer.seal(Buffer.from(lines.join('\n')), partContext(runId, index + 1));
        await admin.query(
          `insert into registry.intake_part (intake_id, number, principal, first_line, line_count, body) values ($1, $2, 'test', $3, $4, $5)`,
          [runId, index + 1, line, lines.length, body],
        );
        line += lines.length;
      }
      await admin.query(
        `insert into registry.run (id, kind, tenant_id, partner_id, task_queue, chunk_count, received, source_format, body_digest, requested_by,
           validate_only)
         values ($1, $6, $2, $3, 'bulk', $4, $5, 'jsonl', '\\x00', 'test', $7)`,
        [
          runId,
          tenantId,
          partnerId,
          parts.length,
          line - 1,
          kind ?? (partnerId === null ? 'import' : 'registration_order'),
          validateOnly,
        ],
      );
      await admin.query(
        `insert into registry.run_chunk (run_id, number, tenant_id, first_line, line_count)
         select $1, number, $2, first_line, line_count from registry.intake_part where intake_id = $1`,
        [runId, tenantId],
      );
      return runId;
    },
    close: () => admin.end(),
  };
}

/** A row ready to be registered. Write only what matters to the test. */
export function aCandidate(line: number, more: Partial<Candidate> = {}): Candidate {
  const deviceId = uuidV7(Date.now());
  return {
    line,
    deviceId,
    manufacturer: 'Fabrikam',
    model: 'Book 5',
    serialNumber: `SN${line}`,
    productKey: null,
    groupTag: null,
    purchaseOrder: null,
    hashLevel: 'full',
    platform: { osFamily: null, deviceType: null, tpmVersion: null },
    sealedHash: randomBytes(40),
    hashLength: 3_000,
    claims: [{ kind: 'endorsement_key', digest: digestOf(deviceId) }],
    sealedSnapshot: null,
    keys: [],
    ...more,
  };
}

/** A claim's digest for any text: equal texts are the same piece of hardware. */
export function digestOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
