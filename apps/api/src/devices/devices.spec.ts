import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
let other: Awaited<ReturnType<typeof aCustomer>>;
let deviceIds: string[];

beforeAll(async () => {
  api = await startApi();
  customer = await aCustomer(api);
  other = await aCustomer(api);
  deviceIds = (await devicesFor(customer.tenantId, 25)).sort();
  await devicesFor(other.tenantId, 3);
});
afterAll(() => api.close());

async function devicesFor(tenantId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const [index, id] of ids.entries()) {
    await api.registry.admin.query(
      `insert into registry.device (tenant_id, id, serial_number, manufacturer, model, group_tag, purchase_order, registrar_kind,
         registrar_id, source_run_id, source_line, hash_level)
       values ($1, $2, $3, 'Contoso', $4, $5, 'PO-1', 'partner', $6, $6, 1, 'full')`,
      [tenantId, id, `S${index}`, index % 2 === 0 ? 'Book' : 'Pad', index < 10 ? 'Kiosk' : null, randomUUID()],
    );
  }
  return ids;
}
const list = (query = '', token = customer.owner) =>
  api.call('GET', `/v1/tenants/${customer.tenantId}/devices${query}`, { token });

describe('a list', () => {
  it('is read page by page along its links, each device once', async () => {
    const seen: string[] = [];
    let next = '?maxpagesize=10';
    let pages = 0;
    for (; next !== ''; pages += 1) {
      const { body, headers } = await list(next);
      seen.push(...body.value.map((device: { id: string }) => device.id));
      next = body.nextLink === undefined ? '' : new URL(body.nextLink).search;
      expect(headers.link).toBe(body.nextLink === undefined ? undefined : `<${body.nextLink}>; rel="next"`);
    }
    expect({ seen, pages }).toEqual({ seen: deviceIds, pages: 3 });
  });

  it('has no link after a last page that is full', async () => {
    const { body } = await list('?maxpagesize=25');
    expect(body.value).toHaveLength(25);
    expect(body.nextLink).toBeUndefined();
  });

  it('keeps its filter along its links, and what comes in between neither repeats nor shifts it', async () => {
    const first = await list('?groupTag=Kiosk&maxpagesize=4');
    await devicesFor(customer.tenantId, 1);
    const link = new URL(first.body.nextLink);
    expect(link.searchParams.get('groupTag')).toBe('Kiosk');
    const second = await list(link.search);
    const ids = [...first.body.value, ...second.body.value].map((device) => device.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ['?serialNumber=S3', 1],
    ['?groupTag=Kiosk&model=Book', 5],
    ['?purchaseOrderIdentifier=PO-2', 0],
    ['?manufacturer=Contoso&serialNumber=S4', 1],
  ])('with the filter %s', async (filter, count) => {
    const { body } = await list(filter);
    const found = body.value.filter((device: { id: string }) => deviceIds.includes(device.id));
    expect(found).toHaveLength(count);
  });
});

describe('a device', () => {
  it('says what each subsystem was observed to hold', async () => {
    const { body } = await api.call('GET', `/v1/tenants/${customer.tenantId}/devices/${deviceIds[0]}`, {
      token: customer.owner,
    });
    expect(body).toMatchObject({
      registration: { state: 'registered', registrar: 'partner' },
      directory: { state: 'pending' },
      profile: { state: 'unassigned', profileId: null },
    });
  });

  it('is not sent again to whoever has it, until something changed', async () => {
    const address = `/v1/tenants/${customer.tenantId}/devices/${deviceIds[1]}`;
    const read = (etag?: string) =>
      api.call('GET', address, { token: customer.owner, ...(etag && { headers: { 'if-none-match': etag } }) });
    const etag = String((await read()).headers.etag);
    expect(await read(etag)).toMatchObject({ status: 304, text: '' });
    await api.registry.admin.query(
      'insert into registry.device_directory_object (tenant_id, device_id, object_id) values ($1, $2, gen_random_uuid())',
      [customer.tenantId, deviceIds[1]],
    );
    expect(await read(etag)).toMatchObject({ status: 200, body: { directory: { state: 'observed' } } });
  });

  it('of somebody else does not exist', async () => {
    const mine = `/v1/tenants/${customer.tenantId}/devices/${deviceIds[0]}`;
    expect((await api.call('GET', mine, { token: other.owner })).body.code).toBe('tenant.not-found');
    const theirs = `/v1/tenants/${other.tenantId}/devices/${deviceIds[0]}`;
    expect((await api.call('GET', theirs, { token: other.owner })).body.code).toBe('device.not-found');
  });
});
