import { describe, expect, it } from '@jest/globals';
import { anEmptyReport } from '../report.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { toSnapshot } from '../snapshot/to-snapshot.js';
import type { Candidate } from './decide.js';
import { decide } from './decide.js';

/** The repaired machine, a donor, and the boards that come from a shelf. */
const machine: Snapshot = {
  ...toSnapshot(anEmptyReport('hardware-hash')),
  manufacturer: 'contoso',
  product: 'testbook',
  boardProduct: 'cb-14',
  sku: 'tb-14',
  serialNumber: 'damaged01',
  processor: 'i5',
  memoryGigabytes: 16,
  formFactor: 'notebook',
  endorsementKey: '11'.repeat(32),
  uuid: '11'.repeat(8) + '21'.repeat(8),
  productKeyId: '0300000000011',
  lan: ['480000000011'],
  wireless: ['940000000011'],
  bluetooth: ['940000000012'],
  systemDisks: ['disk0011'],
};
const donor: Snapshot = {
  ...machine,
  serialNumber: 'donor0001',
  endorsementKey: '33'.repeat(32),
  uuid: '33'.repeat(8) + '43'.repeat(8),
  productKeyId: '0300000000033',
  lan: ['480000000033'],
  wireless: ['940000000033'],
  bluetooth: ['940000000034'],
  systemDisks: ['disk0033'],
};
type Changes = Partial<Snapshot>;
const shelfBoard: Changes = {
  endorsementKey: '55'.repeat(32),
  uuid: '55'.repeat(8) + '65'.repeat(8),
  productKeyId: '0300000000055',
  lan: ['480000000055'],
};
const donorBoard: Changes = {
  endorsementKey: donor.endorsementKey,
  uuid: donor.uuid,
  productKeyId: donor.productKeyId,
  lan: donor.lan,
};
const newDisk: Changes = { systemDisks: ['disk0077'] };
const newRadio: Changes = { wireless: ['940000000077'], bluetooth: ['940000000078'] };
const withoutTpm: Changes = { endorsementKey: '' };

const registered: Candidate = { deviceId: 'machine', confirmed: machine };
const registeredDonor: Candidate = { deviceId: 'donor', confirmed: donor };

function outcomeOf(changes: Changes, candidates: readonly Candidate[] = [registered]): string {
  const { outcome, deviceId } = decide({ ...machine, ...changes }, candidates, { population: 100_000 });
  return deviceId === null ? outcome : `${outcome} ${deviceId}`;
}

/**
 * Microsoft's published table of repairs, in its order. A board with another TPM is another device, whatever was written
 * into it: that is what "deregister, replace, register again" says. Source: domain.md 3.5.
 */
describe('repairs as Microsoft lists them', () => {
  it.each<[string, Changes, readonly Candidate[], string]>([
    ['board replaced', { ...shelfBoard, serialNumber: '' }, [registered], 'no-match'],
    ['board with TPM replaced, and its only network card with it', shelfBoard, [registered], 'no-match'],
    [
      'board with TPM replaced, a second network card stays',
      { ...shelfBoard, lan: ['480000000055', '680000000001'] },
      [{ ...registered, confirmed: { ...machine, lan: ['480000000011', '680000000001'] } }],
      'no-match',
    ],
    [
      'board replaced with old names written back; network card, disk and radio stay',
      { ...shelfBoard, lan: machine.lan },
      [registered],
      'no-match',
    ],
    [
      'the same, disk and radio new',
      { ...shelfBoard, lan: machine.lan, ...newDisk, ...newRadio },
      [registered],
      'no-match',
    ],
    ['the same, disk new', { ...shelfBoard, lan: machine.lan, ...newDisk }, [registered], 'no-match'],
    ['board from a device that was never registered', donorBoard, [registered], 'no-match'],
    [
      'board from a registered device that was not deregistered first',
      donorBoard,
      [registered, registeredDonor],
      'match donor',
    ],
    ['board from a device that was deregistered first', donorBoard, [registered], 'no-match'],
    [
      'names not written to the new board',
      { ...shelfBoard, serialNumber: '', product: '', sku: '' },
      [registered],
      'no-match',
    ],
    [
      'board replaced without a TPM on either',
      { ...shelfBoard, ...withoutTpm },
      [{ ...registered, confirmed: { ...machine, ...withoutTpm } }],
      'no-match',
    ],
    ['a new product key written, the board stays', { productKeyId: '0300000000055' }, [registered], 'match machine'],
    ['a replacement key comes with the new board', shelfBoard, [registered], 'no-match'],
    ['no key injected into the new board', { ...shelfBoard, productKeyId: '' }, [registered], 'no-match'],
    ['reimaged, not deregistered, board stays', newDisk, [registered], 'match machine'],
    ['disk from a device that was never registered', newDisk, [registered], 'match machine'],
    [
      'disk from another registered device',
      { systemDisks: donor.systemDisks },
      [registered, registeredDonor],
      'match machine',
    ],
    [
      'a network card added that the maker never built in',
      { lan: ['480000000011', '680000000099'] },
      [registered],
      'match machine',
    ],
    ['memory replaced', { memoryGigabytes: 64 }, [registered], 'match machine'],
    ['graphics replaced', { panels: ['344x193mm 3840x2160'] }, [registered], 'match machine'],
    ['Wi-Fi replaced (untested by Microsoft)', newRadio, [registered], 'match machine'],
    ['processor replaced, TPM stays (untested by Microsoft)', { processor: 'i9' }, [registered], 'match machine'],
    [
      'processor with its firmware TPM replaced (untested by Microsoft)',
      { processor: 'ryzen 9', endorsementKey: '99'.repeat(32) },
      [registered],
      'review machine',
    ],
  ])('%s', (_what, changes, candidates, expected) => {
    expect(outcomeOf(changes, candidates)).toBe(expected);
  });

  it('recognises the repaired machine once it is registered again with the hash of its new board', () => {
    const repaired: Candidate = { deviceId: 'repaired', confirmed: { ...machine, ...shelfBoard } };
    expect(outcomeOf(shelfBoard, [repaired])).toBe('match repaired');
    expect(outcomeOf({ ...shelfBoard, ...newDisk, ...newRadio }, [repaired])).toBe('match repaired');
  });

  it('asks when parts, serial number and UUID came over and no TPM tells the boards apart', () => {
    const before = { ...machine, ...withoutTpm, productKeyId: '' };
    const observed = { ...withoutTpm, productKeyId: '', lan: ['480000000055'] };
    expect(outcomeOf(observed, [{ deviceId: 'machine', confirmed: before }])).toBe('review machine');
  });
});
