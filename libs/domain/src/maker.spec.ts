import { describe, expect, it } from '@jest/globals';
import { authorizeUpload, namesOnFile, resolveOnFile } from './maker.js';
import { partnerKinds, partnerStatuses } from './partner.js';

describe('a maker’s upload', () => {
  it.each(partnerKinds.flatMap((kind) => partnerStatuses.map((status) => [kind, status] as const)))(
    'by a partner that is %s and %s',
    (kind, status) => {
      const decision = authorizeUpload(kind, status);
      expect(decision.ok).toBe(kind === 'oem' && status === 'active');
      if (!decision.ok) expect(decision.refusal).toBe(kind === 'oem' ? `partner.${status}` : 'partner.not-a-maker');
    },
  );

  const row = { manufacturer: 'Fabrikam', model: 'Book 5', serialNumber: 'SN1', productKey: null };
  it('is found by exactly its strings, upper and lower case included', () => {
    const { tuple } = namesOnFile(row);
    expect(tuple).not.toBeNull();
    expect(namesOnFile({ ...row }).tuple).toBe(tuple);
    for (const other of [{ manufacturer: 'FABRIKAM' }, { model: 'book 5' }, { serialNumber: 'sn1' }])
      expect(namesOnFile({ ...row, ...other }).tuple).not.toBe(tuple);
    // No two rows run into each other at the seams.
    expect(namesOnFile({ ...row, manufacturer: 'Fabrikam"', model: ',"Book 5' }).tuple).not.toBe(tuple);
  });

  it.each(['manufacturer', 'model', 'serialNumber'] as const)('is not found by a tuple without %s', (field) => {
    expect(namesOnFile({ ...row, [field]: null }).tuple).toBeNull();
  });

  it.each([
    [{ devices: 0, superseded: false }, 'not_on_file', 'maker.not-on-file'],
    [{ devices: 2, superseded: false }, 'not_unique', 'maker.not-unique'],
    [{ devices: 2, superseded: true }, 'not_unique', 'maker.not-unique'],
    [{ devices: 1, superseded: true }, 'not_on_file', 'device.repaired'],
  ])('of which %j is on file gives %s (%s)', (found, verdict, code) => {
    expect(resolveOnFile(found)).toMatchObject({ ok: false, refusal: { verdict, code } });
  });

  it('that is on file once and not repaired since is the device', () => {
    expect(resolveOnFile({ devices: 1, superseded: false })).toEqual({ ok: true, value: 'found' });
  });
});
