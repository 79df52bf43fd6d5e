import type { Unit } from '../scope/with-scope.js';
import { sliceOf, type Keyset, type Slice } from '../reads/keyset.js';

/** A device that an order registered and that is registered now. */
export interface OrderDevice {
  id: string;
  run_id: string;
  line: number;
  serial_number: string | null;
  manufacturer: string | null;
  model: string | null;
  product_key: string | null;
  group_tag: string | null;
  purchase_order: string | null;
  registered_at: string;
}

/** Where a page of an order's devices goes on. */
export type OrderDeviceKey = [runId: string, line: number];

/** What is true now: devices that runs of this order registered and that nobody has taken away since. */
export async function listOrderDevices(
  unit: Unit,
  orderId: string,
  page: Keyset<OrderDeviceKey>,
): Promise<Slice<OrderDevice>> {
  const [run, line] = page.after ?? [null, 0];
  const found = await unit.query<OrderDevice>(
    `select d.id, i.run_id, i.line, d.serial_number, d.manufacturer, d.model, d.product_key, d.group_tag, d.purchase_order, d.registered_at
     from registry.run r
     join registry.run_item i on i.run_id = r.id and i.verdict = 'registered'
     join registry.device d on d.tenant_id = i.tenant_id and d.id = i.device_id
     where r.order_id = $1 and ($2::uuid is null or (i.run_id, i.line) > ($2::uuid, $3::integer))
     order by i.run_id, i.line limit $4`,
    [orderId, run, line, page.limit + 1],
  );
  return sliceOf(found, page.limit);
}

/** What was shipped with an order and what became of it. */
export interface OrderReconciliation {
  /** Rows of all deliveries. A replacement that is done counts instead of what was before it. */
  shipped: number;
  /** Those of them whose device was registered for the order. */
  accepted: number;
  /** Devices of this order that are registered now. */
  registered: number;
  /** Those of them that were seen since: they have started and enrolled. */
  firstSeen: number;
}

export async function reconcileOrder(unit: Unit, orderId: string): Promise<OrderReconciliation> {
  const [found] = await unit.query<OrderReconciliation>(
    `with replaced as (
       select id, created_at, received - (replacement->>'removes')::integer as rows, coalesce((counts->>'kept')::integer, 0) as kept
       from registry.run
       where order_id = $1 and kind = 'order_replacement' and state = 'completed' and not validate_only
       order by created_at desc limit 1)
     select s.shipped, s.accepted, n.registered, n.seen as "firstSeen"
     from (select
             coalesce(sum(case when r.kind = 'registration_order' then r.received when r.id = b.id then b.rows else t.registered end), 0)::integer
               as shipped,
             coalesce(sum(t.registered + case when r.id = b.id then b.kept else 0 end), 0)::integer as accepted
           from registry.run r
           cross join lateral (select coalesce((r.counts->>'registered')::integer, 0) as registered) t
           left join replaced b on true
           where r.order_id = $1 and not r.validate_only and r.created_at >= coalesce(b.created_at, '-infinity')) as s,
       (select count(*)::integer as registered, count(s.device_id)::integer as seen from registry.run r
        join registry.run_item i on i.run_id = r.id and i.verdict = 'registered'
        join registry.device d on d.tenant_id = i.tenant_id and d.id = i.device_id
        left join registry.device_first_seen s on s.tenant_id = d.tenant_id and s.device_id = d.id
        where r.order_id = $1) as n`,
    [orderId],
  );
  return found!;
}
