import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { cloneDatabase, type ClonedDatabase } from '../../../../test/support/database.js';
import { applyPartnerViewRequests, createBuiltInPartnerView, preparePartnerView } from './built-in-partner-view.js';
import { partnerViewContract } from './partner-view.contract.js';

let database: ClonedDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = new pg.Pool({ connectionString: database.urls.neighbours, max: 3 });
  await preparePartnerView(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

partnerViewContract('built in', () => ({
  partnerView: createBuiltInPartnerView(pool),
  async apply() {
    while ((await applyPartnerViewRequests(pool, 4)) > 0);
  },
}));
