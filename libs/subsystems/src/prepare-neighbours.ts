import type pg from 'pg';
import { prepareManagement } from './management/built-in-schema.js';
import { prepareMisbehaviour } from './misbehaviour/misbehaviour.js';
import { preparePartnerView } from './partner-view/built-in-partner-view.js';

/** Creates the tables of all built-in neighbours where they are missing. Processes that start at once take turns. */
export async function prepareNeighbours(pool: pg.Pool): Promise<void> {
  await prepareManagement(pool);
  await preparePartnerView(pool);
  await prepareMisbehaviour(pool);
}
