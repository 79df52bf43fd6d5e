import { describe, expect, it } from '@jest/globals';
import { readRows } from './read-rows.js';

describe('reading a line of JSON', () => {
  it('takes the names of Partner Center, and ours where both are there', () => {
    const theirs = { serialNumber: 'S1', oemManufacturerName: 'Fabrikam', modelName: 'Book 5', hardwareHash: 'AAAA' };
    const lines = [theirs, { ...theirs, manufacturer: 'Contoso' }, { modelName: 5 }].map((row) => JSON.stringify(row));
    const rows = [...readRows(Buffer.from(lines.join('\n')), { format: 'jsonl', csvHeader: null, firstLine: 1 })];
    expect(rows).toMatchObject([
      { ok: true, row: { manufacturer: 'Fabrikam', model: 'Book 5', serialNumber: 'S1', hardwareIdentifier: 'AAAA' } },
      { ok: true, row: { manufacturer: 'Contoso', model: 'Book 5' } },
      { ok: false, refusal: { verdict: 'malformed', field: 'model' } },
    ]);
  });
});
