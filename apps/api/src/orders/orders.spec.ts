import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCustomer, startApi, type TestApi } from '../../../../test/support/api.js';

let api: TestApi;
let customer: Awaited<ReturnType<typeof aCustomer>>;
const device = { manufacturer: 'Contoso', model: 'Book', serialNumber: 'S1', hardwareIdentifier: 'AAAA' };

beforeAll(async () => {
  api = await startApi();
  customer = await aCustomer(api);
});
afterAll(() => api.close());

describe('an order', () => {
  it('is accepted as JSON, with a monitor', async () => {
    const { status, headers, body } = await api.call('POST', `/v1/partners/${customer.partnerId}/orders`, {
      token: customer.pipeline,
      body: { tenantId: customer.tenantId, devices: [device, 7, null] },
    });
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'NotStarted', received: 3 } });
    expect(headers['operation-location']).toBe(`http://groundcrew.test/v1/operations/${body.id}`);
  });
});
