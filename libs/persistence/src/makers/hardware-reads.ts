import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';

/** What a maker has on file of one device. Never its hash. */
export interface HardwareRecord {
  id: string;
  manufacturer: string | null;
  model: string | null;
  serial_number: string | null;
  product_key: string | null;
  hash_level: 'full' | 'partial' | 'opaque';
  source_run_id: string;
  source_line: number;
  uploaded_at: string;
  superseded_at: string | null;
}

const columns = `id, manufacturer, model, serial_number, product_key, hash_level, source_run_id, source_line, uploaded_at, superseded_at`;

/** What a maker has on file, in the order in which it was uploaded. */
export async function listHardware(
  unit: Unit,
  partnerId: string,
  filter: { serialNumber?: string | undefined; operationId?: string | undefined },
  page: Keyset<string>,
): Promise<Slice<HardwareRecord>> {
  const found = await unit.query<HardwareRecord>(
    `select ${columns} from registry.hardware_on_file
     where partner_id = $1 and ($2::uuid is null or id > $2) and ($3::text is null or serial_number = $3)
       and ($4::uuid is null or source_run_id = $4)
     order by id limit $5`,
    [partnerId, page.after, filter.serialNumber ?? null, filter.operationId ?? null, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

export async function findHardware(unit: Unit, partnerId: string, id: string): Promise<HardwareRecord | null> {
  const [found] = await unit.query<HardwareRecord>(
    `select ${columns} from registry.hardware_on_file where partner_id = $1 and id = $2`,
    [partnerId, id],
  );
  return found ?? null;
}
