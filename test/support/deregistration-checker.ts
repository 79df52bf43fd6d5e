import type pg from 'pg';
import { pause } from './running-stack.js';

/** What each store holds of one device, read from the tables and never through a port. */

export interface DeviceHoldings {
  registered: boolean;
  hash: boolean;
  claims: number;
  keys: number;
  snapshot: boolean;
  /** Its object, and the hybrid one beside it: with what still needs them. */
  object: string | null;
  hybridObject: string | null;
  computer: boolean;
  managed: boolean;
  user: string | null;
  listed: boolean;
  reserved: boolean;
}

/** @param registrations which devices; what is not there any more is looked for by these ids as well */
export async function readHoldings(
  admin: pg.Pool,
  tenantId: string,
  registrations: readonly { id: string; managedDeviceId: string | null; computerObjectId: string | null }[],
): Promise<Map<string, DeviceHoldings>> {
  const { rows } = await admin.query<DeviceHoldings & { id: string }>(
    `select w.id,
       exists (select from registry.device d where d.tenant_id = $1 and d.id = w.id) as registered,
       exists (select from registry.device_hash h where h.tenant_id = $1 and h.device_id = w.id) as hash,
       (select count(*)::int from registry.identity_claim c where c.device_id = w.id) as claims,
       (select count(*)::int from registry.candidate_key k where k.device_id = w.id) as keys,
       exists (select from registry.device_snapshot s where s.device_id = w.id) as snapshot,
       (select case when o.released_at is null then 'registration ' else '' end || case when o.managed then 'management ' else '' end
          || coalesce(o.trust_type, '') from directory.device_object o where o.tenant_id = $1 and o.registration_id = w.id) as object,
       (select case when o.managed then 'management ' else '' end || coalesce(o.trust_type, '')
          from directory.device_object o where o.id = w.computer) as "hybridObject",
       exists (select from management.on_premises_computer c
         where c.tenant_id = $1 and c.directory_object_id = w.computer and c.removed_at is null) as computer,
       exists (select from management.managed_device m where m.tenant_id = $1 and m.id = w.managed and m.retire_key is null) as managed,
       (select u.principal_name from management.assigned_user u where u.tenant_id = $1 and u.registration_id = w.id) as "user",
       exists (select from management.registered_device r where r.tenant_id = $1 and r.registration_id = w.id) as listed,
       exists (select from registry.device_reservation r where r.tenant_id = $1 and r.device_id = w.id) as reserved
     from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as w (id, managed, computer)`,
    [
      tenantId,
      registrations.map((each) => each.id),
      registrations.map((each) => each.managedDeviceId),
      registrations.map((each) => each.computerObjectId),
    ],
  );
  return new Map(rows.map(({ id, ...holdings }) => [id, holdings]));
}

/** Which records belong to these registrations now, so that they are found again when the registration is gone. */
export async function readTies(admin: pg.Pool, tenantId: string, ids: readonly string[]) {
  const { rows } = await admin.query<{ id: string; managedDeviceId: string | null; computerObjectId: string | null }>(
    `select w.id, m.id as "managedDeviceId", c.directory_object_id as "computerObjectId"
     from unnest($2::uuid[]) as w (id)
     left join management.managed_device m on m.tenant_id = $1 and m.registration_id = w.id
     left join management.on_premises_computer c on c.tenant_id = $1 and c.directory_object_id = m.directory_object_id`,
    [tenantId, ids],
  );
  return rows;
}

/**
 * Waits until whatever neighbours have accepted was applied, and whatever was to come back has come.
 *
 * @param tenantId of this tenant alone; absent: of all
 */
export async function quiescence(admin: pg.Pool, tenantId: string | null = null, patienceMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await pause(20)) {
    const { rows } = await admin.query<{ open: number }>(
      `select ((select count(*) from directory.request where applied_at is null and ($1::uuid is null or tenant_id = $1))
             + (select count(*) from management.request where applied_at is null and ($1::uuid is null or tenant_id = $1))
             + (select count(*) from misbehaviour.returning
                where $1::uuid is null or (deleted ->> 'tenant_id')::uuid = $1))::int as open`,
      [tenantId],
    );
    if (rows[0]!.open === 0) return;
    if (Date.now() > deadline)
      throw new Error(`the neighbours have ${rows[0]!.open} things under way after ${patienceMs} ms`);
  }
}

const gone: DeviceHoldings = {
  registered: false,
  hash: false,
  claims: 0,
  keys: 0,
  snapshot: false,
  object: null,
  hybridObject: null,
  computer: false,
  managed: false,
  user: null,
  listed: false,
  reserved: false,
};

/**
 * What is wrong after a deregistration has come to rest. Every device is gone everywhere, or fully as before, or its exact difference is
 * written down; nothing is left in one store alone; every row of the ledger is explained.
 *
 * @param before what each store held before the run
 * @returns sentences; empty where all is well
 */
export async function findViolations(
  admin: pg.Pool,
  tenantId: string,
  runId: string,
  before: ReadonlyMap<string, DeviceHoldings>,
  ties: Awaited<ReturnType<typeof readTies>>,
): Promise<string[]> {
  const now = await readHoldings(admin, tenantId, ties);
  const { rows } = await admin.query<{
    device_id: string;
    state: string;
    difference: string | null;
    kept_because: string | null;
    crossed: boolean;
    verdicts: string[];
  }>(
    `select d.device_id, d.state, d.difference, d.kept_because, d.crossed_at is not null as crossed,
       array(select i.verdict from registry.run_item i where i.run_id = d.run_id and i.device_id = d.device_id) as verdicts
     from registry.deregistration_device d where d.run_id = $1`,
    [runId],
  );
  const violations: string[] = [];
  if (rows.length !== before.size) violations.push(`${rows.length} of ${before.size} devices are in the ledger`);
  for (const device of rows) {
    const held = now.get(device.device_id)!;
    const say = (what: string) =>
      violations.push(`${device.device_id} ${device.state}: ${what}: ${JSON.stringify(held)}`);
    switch (device.state) {
      case 'deregistered':
        if (!same(held, gone)) say('something is left');
        break;
      case 'deregistered_kept':
        if (device.kept_because === null) say('kept without a reason');
        if (!same({ ...held, object: null, hybridObject: null, computer: false }, gone))
          say('more is left than the object');
        if (held.object === null && held.hybridObject === null) say('kept, and nothing is there');
        break;
      case 'restored':
        if (!same(held, before.get(device.device_id)!))
          say(`not as before: ${JSON.stringify(before.get(device.device_id))}`);
        break;
      case 'needs_attention':
      case 'abandoned':
        if ((device.difference ?? '') === '') say('no difference is written down');
        for (const what of untold(device, before.get(device.device_id)!, held))
          say(`${what}, which it does not say: ${device.difference}`);
        if (device.state === 'abandoned' && held.reserved) say('still reserved');
        break;
      case 'skipped':
        // Which step, and why, says its ledger.
        if (!device.crossed) say('skipped before the line');
        break;
      default:
        say('it has not come to rest');
    }
    const expected = device.state === 'needs_attention' ? '' : device.state;
    if (device.verdicts.join() !== expected) say(`its verdicts are [${device.verdicts.join()}]`);
  }
  return [...violations, ...(await findUnexplained(admin, runId)), ...(await findLeftAlone(admin, tenantId, runId))];
}

/** What differs of a device that a person had to look at and is not in its difference: before the line from what it was, after it from nothing. */
function untold(
  { difference, crossed }: { difference: string | null; crossed: boolean },
  before: DeviceHoldings,
  now: DeviceHoldings,
): string[] {
  const { registered, hash, claims, keys, snapshot } = crossed ? gone : before;
  const said = difference ?? '';
  return [
    ...(same({ ...now, registered, hash, claims, keys, snapshot }, now) ? [] : ['its registration']),
    ...(!crossed && now.managed !== before.managed && !/management/.test(said) ? ['its management record'] : []),
    ...(!crossed && now.user !== before.user && !/assigned/.test(said) ? ['its user'] : []),
    ...(!crossed && now.managed === before.managed && now.object !== before.object && !/directory/.test(said)
      ? ['its directory object']
      : []),
  ];
}

/** Rows of the ledger that neither are done nor say why not. */
async function findUnexplained(admin: pg.Pool, runId: string): Promise<string[]> {
  const { rows } = await admin.query<{ row: string }>(
    `select concat_ws(' ', s.device_id, s.step, s.attempt, s.state) as row
     from registry.deregistration_step s
     join registry.deregistration_device d using (run_id, device_id)
     where s.run_id = $1 and not (
       s.state in ('undone', 'skipped')
       or (s.state = 'observed' and s.observed_at is not null and s.answered_by is not null)
       or s.why is not null
       or exists (select from registry.deregistration_step later
         where later.run_id = s.run_id and later.device_id = s.device_id and later.step = s.step and later.attempt > s.attempt)
       or d.state in ('needs_attention', 'abandoned', 'restored'))`,
    [runId],
  );
  return rows.map(({ row }) => `unexplained in the ledger: ${row}`);
}

/** What lies in one store alone. Devices whose difference is written down are explained. */
async function findLeftAlone(admin: pg.Pool, tenantId: string, runId: string): Promise<string[]> {
  const { rows } = await admin.query<{ what: string }>(
    `with explained as (
       select device_id from registry.deregistration_device
       where run_id = $2 and state in ('needs_attention', 'abandoned', 'skipped', 'deregistered_kept')),
     found as (
       select 'object without registration' as what, o.registration_id as id from directory.device_object o
       where o.tenant_id = $1 and o.registration_id is not null and o.released_at is null
         and not exists (select from registry.device d where d.id = o.registration_id)
       union all
       select 'registration without object', d.id from registry.device d
       where d.tenant_id = $1 and not exists (select from directory.device_object o
         where o.registration_id = d.id and o.released_at is null)
       union all
       select 'enrolment without registration', m.registration_id from management.managed_device m
       where m.tenant_id = $1 and m.registration_id is not null
         and not exists (select from registry.device d where d.id = m.registration_id)
       union all
       select 'object that management does not know', o.registration_id from directory.device_object o
       where o.tenant_id = $1 and o.managed
         and not exists (select from management.managed_device m where m.directory_object_id = o.id)
       union all
       select 'registration that only management lists', r.registration_id from management.registered_device r
       where r.tenant_id = $1 and not exists (select from registry.device d where d.id = r.registration_id)
       union all
       select 'claim without registration', c.device_id from registry.identity_claim c
       where c.tenant_id = $1 and not exists (select from registry.device d where d.id = c.device_id))
     select what || ' ' || coalesce(id::text, '') as what from found
     where id is null or id not in (select device_id from explained)`,
    [tenantId, runId],
  );
  return rows.map(({ what }) => what);
}

function same(left: DeviceHoldings, right: DeviceHoldings): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
