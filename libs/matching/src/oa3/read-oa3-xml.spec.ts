import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toSnapshot } from '../snapshot/to-snapshot.js';
import { readOa3Xml } from './read-oa3-xml.js';

const file = `<?xml version="1.0"?>
<HardwareReport><HardwareInventory>
  <p n="ToolVersion" v="3" /><p n="OsSystemTime" v="2026-01-05T08:00:00Z" />
  <p n="SmbiosSystemManufacturer" v="Contoso" /><p n="SmbiosSystemProductName" v="Testbook 14 G2" />
  <p n="SmbiosSystemSerialNumber" v="TESTSN0001" /><p n="SmbiosUuid" v="3F2504E0-4F89-41D3-9A0C-0305E82C3301" />
  <p n="SmbiosBoardProduct" v="CB-1402" /><p n="ChassisType" v="10" /><p n="TotalPhysicalRAM" v="16" />
  <p n="DiskSerialNumber" v="EX00_0000_0000_0001.|EXAMPLE NVME 512|" /><p n="PrimaryDiskType" v="NVMe" />
  <p n="MacAddress" v="00:00:5E:00:53:01" /><p n="PhysicalMedium" v="Native802_11" />
  <p n="MacAddress" v="00-00-5E-00-53-03" /><p n="PhysicalMedium" v="802_3" />
  <p n="TPMVersion" v="TPM-Version:2.0" /><p n="EkPubHash" v="I2IOyQDwCU3VwhN6EZvvXVAFICWtWNgaJqh0tUprqWo=" />
  <p n="ProductKeyID" v="0000000000001" />
</HardwareInventory></HardwareReport>`;

describe('reading an OA3Tool report', () => {
  it('gives the snapshot its hash would give, save what the XML cannot say', () => {
    const reading = readOa3Xml(file);
    if (!reading.ok) throw new Error(reading.rejection.code);
    // The values of fixtures/synthetic-01-baseline.txt.
    expect(toSnapshot(reading.report)).toMatchObject({
      level: 'partial',
      manufacturer: 'contoso',
      serialNumber: 'testsn0001',
      endorsementKey: '23620ec900f0094dd5c2137a119bef5d50052025ad58d81a26a874b54a6ba96a',
      uuid: '3f2504e04f8941d39a0c0305e82c3301',
      wireless: ['00005e005301'],
      lan: [],
      systemDisks: ['ex00000000000001'],
      productKeyId: '0000000000001',
      formFactor: 'notebook',
    });
  });

  it.each([
    ['no XML', 'hello <', 'oa3.not-xml'],
    ['other XML', '<a><b/></a>', 'oa3.not-a-report'],
    ['a deep tree', '<a>'.repeat(9) + '</a>'.repeat(9), 'oa3.not-a-report'],
    ['a huge file', ' '.repeat(131_073), 'oa3.too-long'],
  ])('refuses %s', (_what, text, code) => {
    expect(readOa3Xml(text)).toEqual({ ok: false, rejection: { code } });
  });

  it('does not expand entities', () => {
    const bomb = `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><r><p n="SmbiosSystemSerialNumber" v="&b;"/></r>`;
    const reading = readOa3Xml(bomb);
    if (reading.ok) expect(reading.report.system.serialNumber).not.toContain('aaaa');
  });

  it('never throws on a file cut and mixed up', () => {
    fc.assert(
      fc.property(fc.nat(file.length), fc.string({ maxLength: 30 }), fc.nat(file.length), (at, inserted, end) => {
        readOa3Xml((file.slice(0, at) + inserted + file.slice(at)).slice(0, Math.max(end, 10)));
      }),
      { numRuns: 500 },
    );
  });
});
